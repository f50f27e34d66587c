import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALWAYS, endingsOf, type Bomb, type EndingName, type Outcome } from './support/bombs/bomb.js';
import { AMOUNT } from './support/bombs/calls.js';
import { DEPTH, MEMORY, TIME, WIDTH } from './support/bombs/statements.js';
import { FlightClient } from './support/flight.js';
import { Product } from './support/product.js';
import { until } from './support/until.js';

/** All limits are those by default but the time, for which a test can't wait. */
const LIMITS = { statement_time: '4s' };
/** What the neighbour may have to wait for an answer on a busy machine. */
const PATIENCE_MS = 8000;
/** Of a hundred bombs so many may take their user's engine along. */
const MOST_ENDED = 16;
/** Of what an error says to nobody but us. */
const INTERNALS = /Stack Trace|\n\s+at |\.[cm]?[jt]s\b|\.so\b|\.cpp\b|0x[0-9a-f]{6,}|INTERNAL Error/;

let bombs = 0;
let enginesEnded = 0;

describe.each([
  ['memory', MEMORY],
  ['depth', DEPTH],
  ['width', WIDTH],
  ['amount', AMOUNT],
  ['time', TIME],
] as const)('A bomb of %s', (_kind, ofThisKind) => {
  let product: Product;
  let neighbour: FlightClient;
  beforeAll(async () => {
    product = await Product.start({}, { limits: LIMITS });
    neighbour = new FlightClient(product.grpcPort, product.token('neighbour'));
    await neighbour.query('CREATE TEMP TABLE mine AS SELECT 7 AS seven');
  });
  afterAll(async () => {
    neighbour?.close();
    await product?.stop();
  });

  it.each(ofThisKind.map((bomb) => [bomb.name, bomb] as const))(
    '%s',
    async (_name, { explode, ends }: Bomb) => {
      const token = product.token('bomber');
      const client = new FlightClient(product.grpcPort, token);
      try {
        const outcomes = await whileOthersWork(explode({ product, client, token }));
        expect(outcomes.filter((outcome) => !isKnown(outcome, [...ends, ...ALWAYS]))).toEqual([]);
        bombs++;
        if (outcomes.some((outcome) => endingsOf(outcome).includes('engine'))) enginesEnded++;
      } finally {
        client.close();
      }
      await theNextQueryWorks();
    },
    120_000,
  );

  it('leaves no trace of a stack in the log', () => {
    expect(product.log().filter((line) => /^\s+at |Stack Trace/.test(line))).toEqual([]);
  });

  /** The neighbour, whose engine and session stay the same, and who asks whether the product is well. */
  async function whileOthersWork(explosion: Promise<readonly Outcome[]>): Promise<readonly Outcome[]> {
    let over = false;
    const ended = explosion.finally(() => (over = true));
    ended.catch(() => undefined);
    await until(
      'the end of the bomb',
      async () => {
        const asked = Date.now();
        expect(await neighbour.query('FROM mine')).toEqual([{ seven: 7 }]);
        expect(Date.now() - asked).toBeLessThan(PATIENCE_MS);
        expect((await fetch(`${product.httpUrl}/ready`)).status).toBe(200);
        return over;
      },
      90_000,
    );
    return ended;
  }

  /** For the same user, on a connection of another client, at latest when the engine that ends has ended. */
  async function theNextQueryWorks(): Promise<void> {
    const client = new FlightClient(product.grpcPort, product.token('bomber'));
    const ask = () => client.query('SELECT 42::INTEGER AS answer').catch(() => undefined);
    try {
      expect(await until('an answer', ask, 30_000)).toEqual([{ answer: 42 }]);
    } finally {
      client.close();
    }
  }
});

it('takes the engine of its user along only now and then', () => {
  process.stdout.write(`${bombs} bombs, of which ${enginesEnded} ended their engine.\n`);
  expect(bombs).toBeGreaterThanOrEqual(90);
  expect(enginesEnded).toBeLessThanOrEqual(MOST_ENDED);
});

/** One of those endings, and a text for the user alone. */
function isKnown(outcome: Outcome, allowed: readonly EndingName[]): boolean {
  return endingsOf(outcome).some((name) => allowed.includes(name)) && !INTERNALS.test(outcome.details);
}
