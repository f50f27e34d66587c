import type { FlightClient } from '../flight.js';
import type { Product } from '../product.js';

/** How a call ended: with a status of gRPC, 0 for a result. */
export interface Outcome {
  readonly code: number;
  readonly details: string;
}

/** How bombs may end for their user: by a status, and by words that say what was too much. */
export const ENDINGS = {
  served: { code: 0, details: /^$/ },
  memory: { code: 8, details: /containers\.memory_limit|^Out of Memory Error: / },
  /** Too many at the same time, or kept for the user. */
  amount: { code: 8, details: /limits\.concurrent_statements|bytes of parameters are bound/ },
  time: { code: 4, details: /longer than \d+ ms \(limits\.statement_time\)/ },
  /** DuckDB's parser says the second. */
  depth: { code: 3, details: /Max expression depth limit|^Parser Error: memory exhausted at or near/ },
  length: { code: 3, details: /limits\.statement_length/ },
  /** A value or a list that DuckDB does not make. */
  size: {
    code: 3,
    details:
      /^(Out of Range|Conversion|Invalid Input|Parser|Binder) Error: .*(out of range|overflow|could not|exceed|too|maximum|malformed|unexpected)/i,
  },
  /** A result that was promised by an engine which has ended since. */
  gone: { code: 5, details: /^There is no such ticket/ },
  /** The user's own engine, and nothing else, has gone with it, and the user is told by which of these. */
  engine: {
    code: 14,
    details: new RegExp(
      `^Your engine (?:is about to stop|stopped while it was answering: (?:${[
        'It ran out of its memory\\. .*"containers\\.memory_limit"',
        'A statement could not be stopped when its time was over \\("limits\\.statement_time"\\)',
        'It crashed \\((?:signal SIG(?:SEGV|ABRT|TRAP|BUS|ILL)|exit code 70)\\), .*deep nesting, or more memory .*"containers\\.memory_limit"',
      ].join('|')}))`,
    ),
  },
} as const;
export type EndingName = keyof typeof ENDINGS;

/** How any bomb may end, whichever comes first; the end of the engine is the worst that may be. */
export const ALWAYS: readonly EndingName[] = ['memory', 'time', 'gone', 'engine'];

/** What a bomb is set off by. */
export interface BombPlace {
  readonly product: Product;
  readonly client: FlightClient;
  /** A bearer of the same user's. */
  readonly token: string;
}

export interface Bomb {
  readonly name: string;
  /** Besides those that `ALWAYS` may be. */
  readonly ends: readonly EndingName[];
  /** Answers how each of its calls ended. */
  readonly explode: (place: BombPlace) => Promise<readonly Outcome[]>;
}

export const outcomeOf = (call: Promise<unknown>): Promise<Outcome> =>
  call.then(
    () => ({ code: 0, details: '' }),
    (error: Outcome) => error,
  );

/** A bomb that is one statement. */
export const statement = (name: string, sql: string, ...ends: EndingName[]): Bomb => ({
  name,
  ends,
  explode: async ({ client }) => [await outcomeOf(client.query(sql))],
});

/** The names of the endings that an outcome is of. */
export const endingsOf = ({ code, details }: Outcome) =>
  (Object.keys(ENDINGS) as EndingName[]).filter(
    (name) => ENDINGS[name].code === code && ENDINGS[name].details.test(details),
  );
