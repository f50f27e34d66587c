import type { Mariadb } from './mariadb.js';
import type { Postgres } from './postgres.js';

/** What the tests keep in PostgreSQL's database `market`. */
export const marketSql = `
  CREATE SCHEMA crm;
  CREATE TABLE crm.cards (card text PRIMARY KEY, discount numeric(4, 2), since date);
  INSERT INTO crm.cards VALUES ('gold', 0.15, '2019-05-01'), ('silver', 0.05, '2021-01-31'), ('green', NULL, NULL);
  CREATE TABLE visits (id integer PRIMARY KEY, card text, seen timestamptz);
  INSERT INTO visits SELECT i, 'gold', timestamptz '2025-01-01' + i * interval '1 hour' FROM generate_series(1, 10000) AS i;
  CREATE VIEW crm.good_cards AS SELECT * FROM crm.cards WHERE discount > 0.1`;

/** What the tests keep in MariaDB's database `stock`. */
export const stockSql = `
  CREATE TABLE suppliers (drink_id smallint PRIMARY KEY, supplier varchar(40), cost decimal(6, 2), since date);
  INSERT INTO suppliers VALUES (1, 'Röster & Söhne', 0.70, '2018-02-28'), (2, 'Dairy', 1.10, NULL), (9, 'Ice', NULL, '2024-02-29');`;

/** One statement over DuckDB, SQLite, PostgreSQL and MySQL. */
export const joinOfFour = `
  SELECT supplier, cost, suppliers.since AS supplied, card, discount, cards.since AS valid, count(*) AS orders, sum(amount) AS takings
  FROM shop.orders
  JOIN town.customers USING (customer_id)
  JOIN pg.crm.cards AS cards USING (card)
  JOIN my.suppliers AS suppliers USING (drink_id)
  GROUP BY ALL ORDER BY supplier, card`;

/** The same from the samples alone: the servers' rows stand in it. */
export const joinOfTwo = `
  WITH cards_here AS (
    SELECT card, discount::DECIMAL(4, 2) AS discount, since::DATE AS since
    FROM (VALUES ('gold', 0.15, '2019-05-01'), ('silver', 0.05, '2021-01-31'), ('green', NULL, NULL)) AS v (card, discount, since)
  ), suppliers_here AS (
    SELECT drink_id::SMALLINT AS drink_id, supplier, cost::DECIMAL(6, 2) AS cost, since::DATE AS since
    FROM (VALUES (1, 'Röster & Söhne', 0.70, '2018-02-28'), (2, 'Dairy', 1.10, NULL), (9, 'Ice', NULL, '2024-02-29'))
      AS v (drink_id, supplier, cost, since)
  )
  ${joinOfFour.replace('pg.crm.cards', 'cards_here').replace('my.suppliers', 'suppliers_here')}`;

/** Removes what could be started of these. */
export const removeAll = (...servers: (Postgres | Mariadb | undefined)[]) =>
  Promise.all(servers.map((server) => server?.remove()));
