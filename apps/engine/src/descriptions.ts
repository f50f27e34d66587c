import type { PreparedStatement } from '@pondpilot/duckdb';
import type { Clock } from '@pondpilot/kernel';
import type { Catalog } from './catalog.js';
import type { CallOrigin } from './call-origin.js';
import type { Transaction } from './transaction.js';

/** What others change, in databases of other servers, shows after so long. */
const FRESH_MS = 1000;
const MOST = 64;
/** Of a statement; longer ones are not kept. */
const MOST_CHARACTERS = 16 * 1024;

/** What a description hangs on, of a request. */
export interface DescribedRequest {
  readonly sql: string;
  readonly origin: CallOrigin;
  readonly transaction?: Transaction | undefined;
}

interface Known {
  readonly description: PreparedStatement;
  readonly edition: number;
  readonly at: number;
}

/**
 * What is known of statements, for a moment. Drivers ask two or three times for one statement, and dashboards for the same
 * ones again: each time would be a round trip to a thread of DuckDB, and planning anew. Whatever is changed here ends it.
 */
export class Descriptions {
  private readonly known = new Map<string, Known>();

  constructor(
    private readonly catalog: Pick<Catalog, 'edition'>,
    private readonly clock: Clock,
  ) {}

  /** Calls `describe` where it is not known. */
  async of(
    request: DescribedRequest,
    describe: () => Promise<PreparedStatement>,
  ): Promise<PreparedStatement> {
    const { sql, origin, transaction } = request;
    // Within a transaction there may be what nobody else sees.
    if (transaction || sql.length > MOST_CHARACTERS) return describe();
    const key = `${origin.session}\0${origin.dictionaries}\0${sql}`;
    const { edition } = this.catalog;
    const known = this.known.get(key);
    if (known && known.edition === edition && this.clock.now() - known.at < FRESH_MS)
      return known.description;
    this.known.delete(key);
    const description = await describe();
    this.keep(key, { description, edition, at: this.clock.now() });
    return description;
  }

  private keep(key: string, known: Known): void {
    this.known.set(key, known);
    const [oldest] = this.known.keys();
    if (this.known.size > MOST && oldest !== undefined) this.known.delete(oldest);
  }
}
