import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Unprotected, asText } from './support/escapes/unprotected.js';
import { FlightClient } from './support/flight.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';
import type { Protection, ServerAttack } from './support/servers/attack.js';
import { MYSQL_ATTACKS } from './support/servers/mysql.js';
import { POSTGRES_ATTACKS, POSTGRES_VIEWS } from './support/servers/postgres.js';
import { Servers, marker } from './support/servers/servers.js';

const ATTACKS = [...MYSQL_ATTACKS, ...POSTGRES_ATTACKS, ...POSTGRES_VIEWS];
const describeWithServers = prepared.servers.postgres && prepared.servers.mariadb ? describe : describe.skip;

/** What the scanner does by itself. */
const CONDITIONS_THERE = 'SET GLOBAL mysql_experimental_filter_pushdown = true';

describeWithServers('A database server behind an attached database', () => {
  let servers: Servers;
  let product: Product;
  let client: FlightClient;
  const unprotected = new Map<Protection, Unprotected>();

  beforeAll(async () => {
    servers = await Servers.start();
    product = await Product.start({}, { databases: servers.databases });
  }, 120_000);
  afterAll(async () => {
    for (const side of unprotected.values()) await side.close();
    await product?.stop();
    await servers?.remove();
  });
  beforeEach(async () => {
    client = new FlightClient(product.grpcPort, product.token('mallory'));
    await client.logIn();
  });
  afterEach(() => client?.close());

  it.each(ATTACKS.map((attack, number) => ({ ...attack, number })))(
    '$number. $hole: $technique',
    async ({ number, ...attack }) => {
      const side = await without(attack.without);
      const elsewhere = await attempt(attack, number, (sql) =>
        side.rows(sql).catch((error: unknown) =>
          side.run(sql).then(
            () => '',
            () => String(error),
          ),
        ),
      );
      expect(elsewhere).toEqual({ ...elsewhere, succeeded: true });
      const here = await attempt(attack, number, (sql) => client.query(sql).then(asText, String));
      expect(here).toEqual({ ...here, succeeded: false });
      const prepares = await attempt(attack, number, async (sql) => {
        const rows = client
          .prepare(sql)
          .then(async (handle) => client.rows(await client.preparedInfo(handle)));
        return rows.then(asText, String);
      });
      expect(prepares).toEqual({ ...prepares, succeeded: false });
    },
  );

  it('answers conditions with backslashes rightly', async () => {
    await servers.mariadb.run(
      String.raw`INSERT INTO two VALUES ('a\\b', 'one'), ('\\', 'two'), ('it''s', 'three')`,
    );
    const found = (condition: string) => client.query(`SELECT b FROM my.two WHERE ${condition}`);
    expect(await found(String.raw`a = 'a\b'`)).toEqual([{ b: 'one' }]);
    expect(await found(String.raw`a IN ('\', '-')`)).toEqual([{ b: 'two' }]);
    expect(await found(`a LIKE 'it''%'`)).toEqual([{ b: 'three' }]);
  });

  /** docs/security.md says it, too: these succeed, but for what the sign-in may not do. */
  describe('is held by the grants of its sign-in alone', () => {
    it('where a view of PostgreSQL signs in again', async () => {
      const before = await servers.state();
      await client.query('FROM pg.around');
      expect(await servers.state()).not.toBe(before);
    });

    it('so that a sign-in without rights to the view does nothing', async () => {
      await servers.postgres.run('REVOKE pg_read_all_data FROM reader; GRANT SELECT ON hits TO reader');
      const before = await servers.state();
      await expect(client.query('FROM pgreader.around')).rejects.toThrow(/permission denied/);
      expect(await servers.state()).toBe(before);
    });

    it('where a database for writing changes rows by a text with a backslash', async () => {
      await servers.mariadb.run(`INSERT INTO two VALUES ('changed', 'x')`);
      await client
        .query(
          String.raw`UPDATE desk.two SET a = '\', b = ', b = (SELECT max(note) FROM other.kept WHERE note LIKE "what%") -- ' WHERE a = 'changed'`,
        )
        .catch(() => undefined);
      expect(await servers.mariadb.run('SELECT b FROM two')).toContain(marker);
    });
  });

  async function without(left: Protection): Promise<Unprotected> {
    const known = unprotected.get(left);
    if (known) return known;
    const statements = left === 'conditions here' ? [CONDITIONS_THERE] : [];
    const side = await Unprotected.attached(servers.requests(left !== 'read-only'), statements);
    unprotected.set(left, side);
    return side;
  }

  /** Runs the steps and looks for their effect; errors of single steps do not end it. */
  async function attempt(
    { steps, effect }: ServerAttack,
    number: number,
    run: (sql: string) => Promise<string>,
  ): Promise<{ succeeded: boolean; answers: string[] }> {
    const state = async () => ('changes' in effect ? effect.changes(servers) : '');
    const before = await state();
    const answers: string[] = [];
    for (const sql of steps(servers, number)) answers.push(await run(sql));
    if ('returns' in effect) return { succeeded: answers.join('\n').includes(effect.returns), answers };
    if ('makes' in effect) return { succeeded: servers.takeFile(effect.makes), answers };
    return { succeeded: (await state()) !== before, answers };
  }
});
