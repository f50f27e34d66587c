import type { PreparedStatement } from '@pondpilot/duckdb';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ManualClock } from '@pondpilot/kernel';
import { Descriptions, type DescribedRequest } from './descriptions.js';
import type { Transaction } from './transaction.js';

const request = (sql: string, more: Partial<DescribedRequest> = {}): DescribedRequest => ({
  sql,
  origin: { session: '', connection: '1', dictionaries: true },
  ...more,
});

let asked: number;
let clock: ManualClock;
let catalog: { edition: number };
let descriptions: Descriptions;
beforeEach(() => {
  asked = 0;
  clock = new ManualClock();
  catalog = { edition: 0 };
  descriptions = new Descriptions(catalog, clock);
});

const of = (asking: DescribedRequest) =>
  descriptions.of(asking, async () => ({ type: ++asked }) as unknown as PreparedStatement);

describe('Descriptions', () => {
  it('are asked for once, for a moment', async () => {
    const first = await of(request('FROM t'));
    expect(await of(request('FROM t'))).toBe(first);
    expect(asked).toBe(1);
    clock.advance(1000);
    await of(request('FROM t'));
    expect(asked).toBe(2);
  });

  it.each([
    ['of another text', request('FROM u')],
    [
      'of another session',
      request('FROM t', { origin: { session: 's', connection: '1', dictionaries: true } }),
    ],
    [
      'for clients without dictionaries',
      request('FROM t', { origin: { session: '', connection: '1', dictionaries: false } }),
    ],
    ['in a transaction', request('FROM t', { transaction: {} as Transaction })],
  ])('%s are no others', async (_, other) => {
    await of(request('FROM t'));
    await of(other);
    expect(asked).toBe(2);
  });

  it('end with a change, also one that comes while they are made', async () => {
    await of(request('FROM t'));
    catalog.edition++;
    await descriptions.of(request('FROM t'), async () => {
      catalog.edition++;
      return {} as PreparedStatement;
    });
    await of(request('FROM t'));
    expect(asked).toBe(2);
  });

  it('are not kept without end', async () => {
    for (let k = 0; k < 1000; k++) await of(request(`SELECT ${k}`));
    await of(request('SELECT 0'));
    expect(asked).toBe(1001);
  });
});
