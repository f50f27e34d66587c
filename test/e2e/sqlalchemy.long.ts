import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Notebook } from './support/notebook.js';
import { Product } from './support/product.js';
import { describeWithSqlAlchemy, withSqlAlchemy } from './support/sqlalchemy.js';

describeWithSqlAlchemy('SQLAlchemy with flightsql-dbapi', () => {
  let product: Product;
  let python: Notebook;
  beforeAll(async () => {
    product = await Product.start();
    python = await withSqlAlchemy(product);
  });
  afterAll(async () => {
    await python?.end();
    await product?.stop();
  });

  it('connects and queries', async () => {
    const told = await python.run(`
      with engine.connect() as connection:
          answer = rows(connection.execute(text("SELECT 1 AS n, 'a' AS s")))
      answer`);
    expect(told).toEqual([[1, 'a']]);
  });

  it('learns from the server how names are quoted and that it can write', async () => {
    const told = await python.run(
      '[engine.dialect.identifier_preparer.initial_quote, engine.dialect.supports_delete, engine.dialect.sql_info[0]]',
    );
    expect(told).toEqual(['"', true, 'PondPilot Proxy']);
  });

  it('puts parameters into the text, as it does by default', async () => {
    const told = await python.run(`
      with engine.connect() as connection:
          statement = select(column("drink_id")).select_from(text("shop.drinks")).where(column("drink_id") <= 2)
          answer = rows(connection.execute(statement.order_by(column("drink_id"))))
      answer`);
    expect(told).toEqual([[1], [2]]);
  });

  it('binds parameters of prepared statements where it is told to', async () => {
    const told = await python.run(`
      with engine_of(**{"feature-sqlalchemy-prepared-statements": "on"}).connect() as connection:
          statement = select(column("drink_id")).select_from(text("shop.drinks")).where(column("drink_id") <= 2)
          answer = rows(connection.execute(statement.order_by(column("drink_id"))))
      answer`);
    expect(told).toEqual([[1], [2]]);
  });

  it('inspects schemas, tables, columns and keys', async () => {
    const told = await python.run(`
      keyed = engine_of(**{"feature-sqlalchemy-primary-keys": "on"})
      with keyed.connect() as connection:
          connection.execute(text("CREATE SCHEMA IF NOT EXISTS looked_at"))
          connection.execute(text("CREATE OR REPLACE TABLE looked_at.things (id BIGINT PRIMARY KEY, name VARCHAR)"))
          inspector = inspect(keyed)
          answer = [
              "looked_at" in inspector.get_schema_names(),
              inspector.get_table_names(schema="looked_at"),
              [[each["name"], str(each["type"])] for each in inspector.get_columns("things", schema="looked_at")],
              inspector.get_pk_constraint("things", schema="looked_at")["constrained_columns"],
          ]
      answer`);
    expect(told).toEqual([
      true,
      ['things'],
      [
        ['id', 'BIGINT'],
        ['name', expect.stringMatching(/VARCHAR|TEXT|STRING/)],
      ],
      ['id'],
    ]);
  });

  it('gives pandas a frame, through its DBAPI', async () => {
    const told = await python.run(`
      import pandas
      frame = pandas.read_sql("SELECT i, i * 0.5::DOUBLE AS half FROM range(3) AS r (i)", engine.raw_connection().connection)
      [list(frame.columns), frame.values.tolist()]`);
    expect(told).toEqual([
      ['i', 'half'],
      [
        [0, 0],
        [1, 0.5],
        [2, 1],
      ],
    ]);
  });

  it('writes', async () => {
    const told = await python.run(`
      with engine.connect() as connection:
          connection.execute(text("CREATE OR REPLACE TABLE written (i BIGINT)"))
          connection.execute(text("INSERT INTO written VALUES (1), (2)"))
          answer = rows(connection.execute(text("SELECT i FROM written ORDER BY i")))
      answer`);
    expect(told).toEqual([[1], [2]]);
  });

  it('raises errors in the words of DuckDB', async () => {
    const cell = python.run(`
      with engine.connect() as connection:
          connection.execute(text("SELEKT 1"))`);
    await expect(cell).rejects.toThrow(/Parser Error/);
  });
});
