import type { IpcMessage } from '@pondpilot/flight-sql';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { splitIpcStream } from '../../../../apps/engine/src/ipc-messages.js';
import { NameClient } from '../escapes/client.js';
import { FlightClient } from '../flight.js';
import { outcomeOf, type Bomb, type BombPlace, type Outcome } from './bomb.js';

const megabyte = 1024 ** 2;
const longText = (number: number, bytes: number) => `SELECT ${number} AS n, '${'x'.repeat(bytes)}' AS x`;

/** Calls, one after the other until one fails. Answers how the last one ended. */
async function until(count: number, call: (number: number) => Promise<unknown>): Promise<Outcome[]> {
  for (let number = 0; number < count; number++) {
    const outcome = await outcomeOf(call(number));
    if (outcome.code !== 0) return [outcome];
  }
  return [{ code: 0, details: '' }];
}

function* repeated<T>(first: T, again: T, count: number): Generator<T> {
  yield first;
  for (let number = 0; number < count; number++) yield again;
}

/** Puts a table's schema, then its rows so many times. */
async function ingest(
  { product, token }: BombPlace,
  columns: Record<string, Float64Array>,
  times: number,
  table = 'bomb_put',
) {
  const client = new NameClient(product.grpcPort, token);
  const [schema, rows] = splitIpcStream(tableToIPC(tableFromArrays(columns), 'stream')) as [
    IpcMessage,
    IpcMessage,
  ];
  try {
    return [await outcomeOf(client.put(table, repeated(schema, rows, times)))];
  } finally {
    client.close();
  }
}

/** Many of what each is allowed. */
export const AMOUNT: readonly Bomb[] = [
  {
    name: 'temporary tables',
    ends: ['served'],
    explode: async ({ client }) => {
      await client.logIn();
      return until(1000, (n) =>
        client.query(`CREATE TEMP TABLE kept${n} AS SELECT md5(range::VARCHAR) AS m FROM range(2000)`),
      );
    },
  },
  {
    name: 'prepared statements of long texts',
    ends: ['served', 'amount'],
    explode: ({ client }) => until(250, (n) => client.prepare(longText(n, 2 * megabyte))),
  },
  {
    name: 'tickets of long texts',
    ends: ['served', 'amount'],
    explode: ({ client }) => until(250, (n) => client.info(longText(n, 2 * megabyte))),
  },
  {
    name: 'short prepared statements',
    ends: ['served', 'amount'],
    explode: ({ client }) => until(2000, (n) => client.prepare(`SELECT ${n} AS n`)),
  },
  {
    name: 'parameters of a statement',
    ends: ['served', 'size'],
    explode: async ({ client }) => {
      const marks = Array.from({ length: 100_000 }, () => '?').join(', ');
      return [await outcomeOf(client.prepare(`SELECT len([${marks}]::INT[])`))];
    },
  },
  {
    name: 'sessions',
    ends: ['served'],
    explode: async ({ product, token }) => {
      const clients = Array.from({ length: 400 }, () => new FlightClient(product.grpcPort, token));
      const outcomes = await until(clients.length, async (n) => {
        await clients[n]!.logIn();
        await clients[n]!.query('CREATE TEMP TABLE its AS FROM range(1000)');
      });
      for (const client of clients) client.close();
      return outcomes;
    },
  },
  {
    name: 'statements at the same time',
    ends: ['amount'],
    explode: ({ client }) => {
      const sql = 'SELECT sum(hash(a.range, b.range)) FROM range(10000000) a, range(10000000) b';
      return Promise.all(Array.from({ length: 300 }, () => outcomeOf(client.query(sql))));
    },
  },
  {
    name: 'sorts at the same time',
    ends: ['amount'],
    explode: ({ client }) => {
      const sql = 'SELECT count(*) FROM (SELECT hash(range) AS h FROM range(200000000) ORDER BY h OFFSET 1)';
      return Promise.all(Array.from({ length: 90 }, () => outcomeOf(client.query(sql))));
    },
  },
  {
    name: 'rows that are put',
    ends: ['served'],
    explode: (place) => ingest(place, { x: Float64Array.from({ length: 2e6 }, Math.random) }, 80),
  },
  {
    name: 'rows that are put into many tables',
    ends: ['served'],
    explode: async (place) => {
      const columns = { x: Float64Array.from({ length: 1e6 }, Math.random) };
      const puts = Array.from({ length: 8 }, (_, n) => ingest(place, columns, 40, `bomb_put${n}`));
      return (await Promise.all(puts)).flat();
    },
  },
  {
    name: 'columns that are put',
    ends: ['served'],
    explode: (place) => {
      const names = Array.from({ length: 5000 }, (_, n) => `c${n}`);
      return ingest(place, Object.fromEntries(names.map((name) => [name, Float64Array.of(1, 2)])), 20);
    },
  },
];
