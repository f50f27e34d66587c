import { existsSync } from 'node:fs';
import { DuckDbError, aliasInMessage, type AttachRequest, type Database } from '@pondpilot/duckdb';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { messageOf, parseConnectionString, parseFilePath, type Clock } from '@pondpilot/kernel';
import { passes, problemOf } from './database-problem.js';
import { probe } from './probe.js';

/** How often it is looked whether a database that was down has come back. */
const LOOK_EVERY_MS = 2000;

const KINDS = { duckdb: 'DuckDB', sqlite: 'SQLite', postgres: 'PostgreSQL', mysql: 'MySQL' } as const;

interface State {
  readonly request: AttachRequest | undefined;
  readonly alias: string;
  readonly type: AttachedDatabase['type'];
  /** Why it is not attached, for users: without addresses and names. Empty where it is. */
  readonly problem: string;
  /** It was not there at the start; where it refused to be attached, its return changes nothing. */
  readonly absent: boolean;
}

/** The configured databases: which are attached, why others are not, and what to tell of errors that they cause. */
export class AttachedDatabases {
  /** A database that is not attached can be reached now. Attaching is over once the engine is locked: it takes a new one. */
  outdated = false;
  private readonly stopLooking: () => void;

  private constructor(
    private readonly states: readonly State[],
    clock: Clock,
  ) {
    const missing = states.filter(({ absent }) => absent);
    this.stopLooking =
      missing.length === 0 ? () => {} : clock.every(LOOK_EVERY_MS, () => void this.look(missing));
  }

  /** Attaches what can be attached. What can't is told to `log`, with the details that users do not get. */
  static async attach(
    database: Database,
    wanted: readonly AttachedDatabase[],
    clock: Clock,
    log: (line: string) => void,
  ): Promise<AttachedDatabases> {
    const requests = await Promise.all(wanted.map(prepare));
    const states: State[] = [];
    for (const { request, alias, type, problem, absent } of requests) {
      const failure =
        problem === '' && request ? await attach(database, request) : { problem, detail: problem };
      if (failure) log(`The database ${alias} is not attached: ${failure.detail}`);
      const told = failure?.problem ?? '';
      states.push({ request, alias, type, problem: told, absent: absent || passes(told) });
    }
    return new AttachedDatabases(states, clock);
  }

  get health(): { alias: string; attached: boolean; problem: string }[] {
    return this.states.map(({ alias, problem }) => ({ alias, attached: problem === '', problem }));
  }

  close(): void {
    this.stopLooking();
  }

  /**
   * What a user is told of an error of a statement: where a database is at fault, which one and why; else the error
   * itself. DuckDB's own text holds addresses, and says that a table does not exist where its database is not there.
   */
  explain(error: unknown, sql: string): unknown {
    if (!(error instanceof DuckDbError)) return error;
    const absent = this.states.find(({ alias, problem }) => problem !== '' && mentions(sql, alias));
    if (absent && error.kind === 'invalid_argument')
      return unavailable(
        absent,
        `${absent.problem}${absent.absent ? '. It is attached again once it is back and your engine is idle' : ''}`,
      );
    const problem = error.kind === 'invalid_argument' ? undefined : problemOf(error.message);
    const culprit = problem === undefined ? undefined : this.culprit(error.message, sql);
    return culprit && problem !== undefined ? unavailable(culprit, problem) : error;
  }

  private culprit(message: string, sql: string): State | undefined {
    const told = aliasInMessage(message);
    if (told !== undefined) return this.states.find(({ alias }) => alias === told);
    const type = /mysql/i.test(message) ? 'mysql' : /postgres/i.test(message) ? 'postgres' : undefined;
    const servers = this.states.filter((state) =>
      type ? state.type === type : state.request && 'address' in state.request,
    );
    return servers.find(({ alias }) => mentions(sql, alias)) ?? servers[0];
  }

  private async look(missing: readonly State[]): Promise<void> {
    for (const { request } of missing) {
      if (!request) continue;
      const back = 'path' in request ? existsSync(request.path) : await probe(request.type, request.address);
      if (back) this.outdated = true;
    }
    if (this.outdated) this.stopLooking();
  }
}

/** Finds out what to attach, and whether it is there: DuckDB waits long for a host that is not. */
async function prepare({ alias, type, connectionString, readOnly }: AttachedDatabase): Promise<State> {
  if (type === 'duckdb' || type === 'sqlite') {
    const request = { alias, type, readOnly, path: parseFilePath(connectionString) };
    // SQLite would make a missing file anew, and find it empty.
    const problem = existsSync(request.path) ? '' : 'its file does not exist, or the engine may not read it';
    return { request, alias, type, problem, absent: problem !== '' };
  }
  const address = parseConnectionString(type, connectionString);
  if ('problem' in address)
    return {
      request: undefined,
      alias,
      type,
      problem: `its connection string is wrong: ${address.problem}`,
      absent: false,
    };
  const request = { alias, type, readOnly, address };
  const problem = (await probe(type, address)) ? '' : 'its server can not be reached';
  return { request, alias, type, problem, absent: problem !== '' };
}

async function attach(
  database: Database,
  request: AttachRequest,
): Promise<{ problem: string; detail: string } | undefined> {
  try {
    await database.attach(request);
    return undefined;
  } catch (error) {
    const detail = messageOf(error);
    return { problem: problemOf(detail) ?? 'DuckDB refused it, see the log of the server', detail };
  }
}

function unavailable({ alias, type }: State, why: string): DuckDbError {
  return new DuckDbError(
    'unavailable',
    `The database "${alias}" (${KINDS[type]}) is not available: ${why}.`,
    false,
  );
}

/** Whether a statement names the alias as a qualifier: `alias.` or `"alias".`, in any case. */
function mentions(sql: string, alias: string): boolean {
  return new RegExp(`(^|[^\\w.])"?${alias}"?\\s*\\.`, 'i').test(sql);
}
