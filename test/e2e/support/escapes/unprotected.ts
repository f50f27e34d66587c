import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  Database,
  duckdbLibraryPath,
  type AttachRequest,
  type Result,
  type Session,
} from '@pondpilot/duckdb';
import { parseConnectionString } from '@pondpilot/kernel';
import { tableFromIPC } from 'apache-arrow';
import { LOCK_STATEMENTS } from '../../../../libs/duckdb/src/lockdown.js';
import { postgresPassword, postgresStrings } from '../postgres.js';
import { prepared } from '../prepared.js';
import type { Protection } from './protection.js';
import type { World } from './world.js';

const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;

/** The statement of the lock that each of these protections is. */
const LOCKS: Partial<Record<Protection, RegExp>> = {
  'external access': /enable_external_access/,
  'locked configuration': /lock_configuration/,
};

/** A DuckDB as an engine has it, with nothing before it, and one of its own protections left out. */
export class Unprotected {
  private constructor(
    private readonly database: Database,
    private readonly session: Session,
    private readonly folder: string,
  ) {}

  /** Nothing attached and nothing locked. */
  static async bare(): Promise<Unprotected> {
    const folder = mkdtempSync(join(tmpdir(), 'unprotected-'));
    const database = await Database.open({
      duckdbLibrary: duckdbLibraryPath(),
      memoryBytes: 512 * 1024 ** 2,
      cpus: 1,
      tempDirectory: join(folder, 'spill'),
      extensionDirectory: prepared.extensions,
      onCrash: (error) => {
        throw error;
      },
      threadEntry: pathToFileURL(resolve('libs/duckdb/dist/worker/thread.js')),
    });
    for (const name of ['postgres_scanner', 'sqlite_scanner']) await database.loadExtension(name);
    return new Unprotected(database, await database.openSession(), folder);
  }

  /** The databases of a world attached, and all locks on but the one that is left out. */
  static async open(world: World, without: Protection): Promise<Unprotected> {
    const opened = await Unprotected.bare();
    const { database } = opened;
    const readOnly = without !== 'read-only';
    const login = world.postgres.login('writer');
    if (without === 'secret') {
      const password = postgresPassword.replaceAll(/['\\]/g, '\\$&');
      const string = `host=${login.host} port=${login.port} user=${login.user} dbname=market password='${password}'`;
      // Without any secret DuckDB looks for one in files.
      await opened.run('CREATE TEMPORARY SECRET nothing (TYPE postgres)');
      await opened.run(`ATTACH ${literal(string)} AS pg (TYPE postgres, READ_ONLY, SECRET nothing)`);
    } else {
      const address = parseConnectionString('postgres', postgresStrings.url(login));
      if ('problem' in address) throw new Error(address.problem);
      await database.attach({ alias: 'pg', type: 'postgres', readOnly, address });
    }
    await database.attach({ alias: 'lite', type: 'sqlite', readOnly, path: world.path('lite.sqlite') });
    for (const alias of ['duck', 'spare'])
      await database.attach({ alias, type: 'duckdb', readOnly, path: world.path(`${alias}.duckdb`) });
    const left = LOCKS[without];
    for (const statement of LOCK_STATEMENTS) if (!left?.test(statement)) await opened.run(statement);
    return opened;
  }

  /** These databases attached, then these statements, then all locks on. */
  static async attached(
    requests: readonly AttachRequest[],
    statements: readonly string[] = [],
  ): Promise<Unprotected> {
    const opened = await Unprotected.bare();
    await opened.database.loadExtension('mysql_scanner');
    for (const request of requests) await opened.database.attach(request);
    for (const statement of [...statements, ...LOCK_STATEMENTS]) await opened.run(statement);
    return opened;
  }

  /** Runs any statements, even several at once, as DuckDB's own API does. */
  run(sql: string): Promise<void> {
    return this.session.run(sql, { placement: this.session.main });
  }

  /** The rows of a statement as text. */
  async rows(sql: string): Promise<string> {
    return read(await this.session.execute(sql, { placement: this.session.main }));
  }

  /** As `rows`, of a statement that is prepared before. */
  async prepared(sql: string): Promise<string> {
    await this.session.describe(sql, { placement: this.session.main });
    return this.rows(sql);
  }

  async close(): Promise<void> {
    await this.session.close();
    await this.database.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function read(result: Result): Promise<string> {
  const messages = [framed(result.schema)];
  for (let message = await result.next(); message; message = await result.next()) {
    const { buffer, headerStart, headerBytes, bodyStart, bodyBytes } = message;
    messages.push(framed(buffer.subarray(headerStart, headerStart + headerBytes)));
    messages.push(Buffer.from(buffer.subarray(bodyStart, bodyStart + bodyBytes)));
    message.release();
  }
  await result.close();
  return asText(tableFromIPC(Buffer.concat(messages)).toArray());
}

/** A message's header as Arrow's stream format frames it. */
function framed(header: Uint8Array): Buffer {
  const padded = Math.ceil(header.byteLength / 8) * 8;
  const message = Buffer.alloc(8 + padded);
  message.writeUInt32LE(0xffff_ffff, 0);
  message.writeInt32LE(padded, 4);
  message.set(header, 8);
  return message;
}

/** Rows as JSON, bytes as the text that they are. */
export function asText(rows: unknown): string {
  return JSON.stringify(rows, (_key, value: unknown) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value;
  });
}
