import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { busy, endless, untilBusy, untilQuiet } from './support/engine-load.js';
import { Jdbc, describeWithJdbc, jdbcUrl, type JdbcResult } from './support/jdbc.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';

describeWithJdbc('The Arrow JDBC driver', () => {
  let product: Product;
  let jdbc: Jdbc;
  beforeAll(async () => {
    product = await Product.start({ warm_pool: 0 });
    jdbc = new Jdbc();
    await open('ada', `token=${product.token('ada')}`);
  }, 120_000);
  afterAll(async () => {
    await jdbc?.end();
    await product?.stop();
  });

  const open = (name: string, parameters: string) => jdbc.do('open', name, jdbcUrl(product, parameters));
  const query = (sql: string, connection = 'ada') => jdbc.do<JdbcResult>('query', connection, sql);
  const update = (sql: string) => jdbc.do('update', 'ada', sql);

  describe('connects', () => {
    it.each([
      ['a token', () => `token=${product.token('ada')}`],
      ['a token as password', () => `user=token&password=${product.token('ada')}`],
      [
        'large unknown parameters, which it sends as headers',
        () => `token=${product.token('ada')}&note=${'n'.repeat(8000)}`,
      ],
    ])('with %s, and joins the samples', async (_name, parameters) => {
      await open('fresh', parameters());
      const { rows } = await query(prepared.exampleQuery, 'fresh');
      expect(rows.map(([weather, rain, orders]) => [weather, rain, orders])).toEqual([
        ['1 cold', 'false', '38628'],
        ['1 cold', 'true', '7663'],
        ['2 cool', 'false', '115217'],
        ['2 cool', 'true', '14319'],
        ['3 warm', 'false', '121788'],
        ['3 warm', 'true', '10170'],
        ['4 hot', 'false', '45039'],
        ['4 hot', 'true', '1878'],
      ]);
      await jdbc.do('close', 'fresh');
    });

    it('to the catalog that the URL names, in a session of its own', async () => {
      await open('shop', `user=token&password=${product.token('ada')}&catalog=shop`);
      expect((await query('SELECT count(*) > 0 FROM drinks', 'shop')).rows).toEqual([['true']]);
      await expect(query('SELECT count(*) FROM drinks')).rejects.toThrow(/Catalog Error/);
    });

    it('not to a catalog that is not there', async () => {
      await expect(open('none', `token=${product.token('ada')}&catalog=nowhere`)).rejects.toMatchObject({
        name: 'SQLException',
      });
    });

    it.each([
      ['a wrong password', 'user=ada&password=secret'],
      ['a wrong token', 'token=nonsense'],
    ])('not with %s: refused at once, and told why', async (_name, parameters) => {
      await expect(open('refused', parameters)).rejects.toMatchObject({
        name: 'SQLException',
        message: expect.stringMatching(/token/i),
      });
    });
  });

  describe('without a token', () => {
    it('is told so by its first statement', async () => {
      await open('nobody', '');
      await expect(query('SELECT 1', 'nobody')).rejects.toMatchObject({
        name: 'SQLException',
        message: expect.stringMatching(/token/i),
      });
    });
  });

  describe('statements', () => {
    it('give rows with names, types and values', async () => {
      const told = await query(
        "SELECT 1::INTEGER AS i, 'a' AS s, 1.50::DECIMAL(9, 2) AS d, DATE '2026-01-02' AS day, true AS b, NULL::BIGINT AS nothing",
      );
      expect(told).toEqual({
        columns: ['i', 's', 'd', 'day', 'b', 'nothing'],
        types: ['INTEGER', 'VARCHAR', 'DECIMAL', 'DATE', 'BOOLEAN', 'BIGINT'],
        rows: [['1', 'a', '1.50', '2026-01-02', 'true', null]],
      });
    });

    it('tell whether there are rows or how many were changed, and change once', async () => {
      expect(await jdbc.do('execute', 'ada', 'CREATE OR REPLACE TABLE numbers (i INTEGER)')).toEqual([
        false,
        expect.any(Number),
      ]);
      expect(await jdbc.do('execute', 'ada', 'INSERT INTO numbers VALUES (1), (2)')).toEqual([false, 2]);
      expect(await update('UPDATE numbers SET i = i + 1')).toBe(2);
      expect(await jdbc.do('execute', 'ada', 'SELECT * FROM numbers WHERE false')).toEqual([true, -1]);
      expect((await query('SELECT i FROM numbers ORDER BY i')).rows).toEqual([['2'], ['3']]);
    });

    it('give large results in order', async () => {
      expect(
        await jdbc.do('count', 'ada', "SELECT i, repeat('x', 100) FROM range(1000000) AS r (i)"),
      ).toEqual([1_000_000, 0]);
    }, 120_000);

    it('fail in the words of DuckDB', async () => {
      await expect(query('SELEKT 1')).rejects.toMatchObject({
        name: 'SQLException',
        message: expect.stringMatching(/Parser Error/),
      });
    });

    it.each([
      ['before the first row', busy],
      ['in mid-stream', endless],
    ])('stop when another thread cancels them %s', async (_when, sql) => {
      const running = jdbc.do('cancel', 'ada', sql, 2000);
      await untilBusy(product);
      expect(await running).toMatch(/cancel/i);
      await untilQuiet(product);
      expect((await query('SELECT 3')).rows).toEqual([['3']]);
    });

    it('stop when their time is over', async () => {
      await expect(jdbc.do('timeout', 'ada', busy, 2)).rejects.toMatchObject({
        name: expect.stringMatching(/^SQL(Timeout)?Exception$/),
      });
      await untilQuiet(product);
    });
  });

  describe('prepared statements', () => {
    const kinds: [column: string, parameter: string, value: string][] = [
      ['BOOLEAN', 'boolean:true', 'true'],
      ['TINYINT', 'byte:-7', '-7'],
      ['SMALLINT', 'short:300', '300'],
      ['INTEGER', 'int:70000', '70000'],
      ['BIGINT', 'long:5000000000', '5000000000'],
      ['FLOAT', 'float:1.5', '1.5'],
      ['DOUBLE', 'double:0.1', '0.1'],
      ['DECIMAL(18, 3)', 'decimal:12.345', '12.345'],
      ['VARCHAR', 'string:grüße, 世界', 'grüße, 世界'],
      ['BLOB', 'bytes:00ff', '00ff'],
      ['DATE', 'date:2026-02-28', '2026-02-28'],
      ['TIME', 'time:01:02:03', '01:02:03'],
      ['TIMESTAMP', 'timestamp:2026-01-02 03:04:05', '2026-01-02 03:04:05'],
    ];

    it.each(kinds)('write and find values of %s', async (column, parameter, value) => {
      await update(`CREATE OR REPLACE TABLE kinds (v ${column}, n INTEGER)`);
      const insert = 'INSERT INTO kinds VALUES (?, ?)';
      expect(await jdbc.do('preparedUpdate', 'ada', insert, parameter, 'int:1')).toBe(1);
      expect(await jdbc.do('preparedUpdate', 'ada', insert, 'null:', 'int:2')).toBe(1);
      const select = 'SELECT v::VARCHAR, n FROM kinds WHERE v = ?';
      const stored = column === 'BLOB' ? '\\x00\\xFF' : value;
      expect(
        (await jdbc.do<JdbcResult>('preparedQuery', 'ada', select, parameter)).rows.map(([v, n]) => [
          column === 'TIME' || column === 'TIMESTAMP' ? v!.slice(0, value.length) : v,
          n,
        ]),
      ).toEqual([[stored, '1']]);
    });

    it('run once where they have no parameters', async () => {
      await update('CREATE OR REPLACE TABLE single (i INTEGER)');
      expect(await jdbc.do('preparedUpdate', 'ada', 'INSERT INTO single VALUES (1)')).toBe(1);
      expect((await query('SELECT count(*) FROM single')).rows).toEqual([['1']]);
    });

    it('run many times with other values', async () => {
      expect(await jdbc.do('again', 'ada', 'SELECT ?::INTEGER * 10', 5)).toEqual([
        '10',
        '20',
        '30',
        '40',
        '50',
      ]);
    });

    it('know how many parameters they have, also those of no type', async () => {
      expect(await jdbc.do('parameters', 'ada', 'SELECT ?, ?')).toBe(2);
      expect(await jdbc.do('parameters', 'ada', 'SELECT 1')).toBe(0);
    });
  });

  describe('metadata', () => {
    beforeAll(async () => {
      await update('CREATE OR REPLACE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR NOT NULL)');
      await update(
        'CREATE TABLE children (id BIGINT, parent INTEGER REFERENCES parents (id), price DECIMAL(9, 2))',
      );
    });
    const ask = (method: string, ...args: (string | null)[]) => jdbc.metadata('ada', method, ...args);
    const holding = (row: object) => expect.arrayContaining([expect.objectContaining(row)]) as unknown;

    it('names the product and its version', async () => {
      expect(await jdbc.do('metadata', 'ada', 'getDatabaseProductName')).toBe('PondPilot Proxy');
      expect(await jdbc.do('metadata', 'ada', 'getDatabaseProductVersion')).toMatch(/\d+\.\d+/);
      expect(await jdbc.do('metadata', 'ada', 'getIdentifierQuoteString')).toBe('"');
      expect(await jdbc.do('metadata', 'ada', 'getSQLKeywords')).toEqual(expect.any(String));
    });

    it('answers every question without arguments that a BI tool may ask', async () => {
      const failed: string[] = [];
      for (const method of questions)
        await jdbc
          .do('metadata', 'ada', method)
          .catch((error: Error) => failed.push(`${method}: ${error.message}`));
      expect(failed).toEqual([]);
    });

    it('lists catalogs and schemas', async () => {
      expect((await ask('getCatalogs')).map(({ TABLE_CAT }) => TABLE_CAT)).toEqual(
        expect.arrayContaining(['memory', 'shop', 'town']),
      );
      expect(await ask('getSchemas', 'shop', null)).toEqual([{ TABLE_SCHEM: 'main', TABLE_CATALOG: 'shop' }]);
    });

    it('lists tables by pattern and type, and the types', async () => {
      expect(await ask('getTables', 'memory', 'main', 'child%', 'TABLE')).toEqual(
        holding({ TABLE_CAT: 'memory', TABLE_SCHEM: 'main', TABLE_NAME: 'children', TABLE_TYPE: 'TABLE' }),
      );
      expect(await ask('getTables', 'memory', 'main', 'child%', 'VIEW')).toEqual([]);
      expect(await ask('getTableTypes')).toEqual(holding({ TABLE_TYPE: 'VIEW' }));
    });

    it('lists columns with their types, sizes and whether they may be null', async () => {
      const columns = await ask('getColumns', 'memory', 'main', 'children', '%');
      expect(columns.map(({ COLUMN_NAME, TYPE_NAME }) => [COLUMN_NAME, TYPE_NAME])).toEqual([
        ['id', 'BIGINT'],
        ['parent', 'INTEGER'],
        ['price', 'DECIMAL'],
      ]);
      expect(columns[2]).toMatchObject({ COLUMN_SIZE: '9', DECIMAL_DIGITS: '2', IS_NULLABLE: 'YES' });
      expect(await ask('getColumns', 'memory', 'main', 'parents', 'name')).toEqual([
        expect.objectContaining({ COLUMN_NAME: 'name', IS_NULLABLE: 'NO' }),
      ]);
    });

    it('lists primary and foreign keys, from both sides', async () => {
      const key = {
        PKTABLE_NAME: 'parents',
        PKCOLUMN_NAME: 'id',
        FKTABLE_NAME: 'children',
        FKCOLUMN_NAME: 'parent',
      };
      expect(await ask('getPrimaryKeys', 'memory', 'main', 'parents')).toEqual([
        expect.objectContaining({ TABLE_NAME: 'parents', COLUMN_NAME: 'id', KEY_SEQ: '1' }),
      ]);
      expect(await ask('getImportedKeys', 'memory', 'main', 'children')).toEqual([
        expect.objectContaining(key),
      ]);
      expect(await ask('getExportedKeys', 'memory', 'main', 'parents')).toEqual([
        expect.objectContaining(key),
      ]);
      expect(
        await ask('getCrossReference', 'memory', 'main', 'parents', 'memory', 'main', 'children'),
      ).toEqual([expect.objectContaining(key)]);
    });
  });
});

/** Methods of DatabaseMetaData that read what GetSqlInfo told. */
const questions = [
  'isReadOnly',
  'supportsTransactions',
  'supportsSavepoints',
  'supportsNamedParameters',
  'supportsMinimumSQLGrammar',
  'supportsCoreSQLGrammar',
  'supportsExtendedSQLGrammar',
  'supportsANSI92EntryLevelSQL',
  'supportsANSI92IntermediateSQL',
  'supportsANSI92FullSQL',
  'supportsGroupBy',
  'supportsGroupByUnrelated',
  'supportsOrderByUnrelated',
  'supportsExpressionsInOrderBy',
  'supportsColumnAliasing',
  'supportsTableCorrelationNames',
  'supportsDifferentTableCorrelationNames',
  'supportsLikeEscapeClause',
  'supportsNonNullableColumns',
  'supportsIntegrityEnhancementFacility',
  'supportsOuterJoins',
  'supportsFullOuterJoins',
  'supportsLimitedOuterJoins',
  'supportsUnion',
  'supportsUnionAll',
  'supportsSubqueriesInComparisons',
  'supportsSubqueriesInExists',
  'supportsSubqueriesInIns',
  'supportsSubqueriesInQuantifieds',
  'supportsCorrelatedSubqueries',
  'supportsSelectForUpdate',
  'supportsStoredProcedures',
  'supportsPositionedDelete',
  'supportsPositionedUpdate',
  'supportsBatchUpdates',
  'supportsConvert',
  'supportsSchemasInDataManipulation',
  'supportsSchemasInProcedureCalls',
  'supportsSchemasInTableDefinitions',
  'supportsSchemasInIndexDefinitions',
  'supportsSchemasInPrivilegeDefinitions',
  'supportsCatalogsInDataManipulation',
  'supportsCatalogsInProcedureCalls',
  'supportsCatalogsInTableDefinitions',
  'supportsCatalogsInIndexDefinitions',
  'supportsCatalogsInPrivilegeDefinitions',
  'isCatalogAtStart',
  'getCatalogSeparator',
  'getCatalogTerm',
  'getSchemaTerm',
  'getProcedureTerm',
  'getNumericFunctions',
  'getStringFunctions',
  'getSystemFunctions',
  'getTimeDateFunctions',
  'getSearchStringEscape',
  'getExtraNameCharacters',
  'getMaxBinaryLiteralLength',
  'getMaxCharLiteralLength',
  'getMaxColumnNameLength',
  'getMaxColumnsInGroupBy',
  'getMaxColumnsInIndex',
  'getMaxColumnsInOrderBy',
  'getMaxColumnsInSelect',
  'getMaxColumnsInTable',
  'getMaxConnections',
  'getMaxCursorNameLength',
  'getMaxIndexLength',
  'getMaxSchemaNameLength',
  'getMaxProcedureNameLength',
  'getMaxCatalogNameLength',
  'getMaxRowSize',
  'doesMaxRowSizeIncludeBlobs',
  'getMaxStatementLength',
  'getMaxStatements',
  'getMaxTableNameLength',
  'getMaxTablesInSelect',
  'getMaxUserNameLength',
  'getDefaultTransactionIsolation',
  'dataDefinitionCausesTransactionCommit',
  'dataDefinitionIgnoredInTransactions',
  'nullsAreSortedHigh',
  'nullsAreSortedLow',
  'nullsAreSortedAtStart',
  'nullsAreSortedAtEnd',
  'storesUpperCaseIdentifiers',
  'storesLowerCaseIdentifiers',
  'storesMixedCaseIdentifiers',
  'supportsMixedCaseIdentifiers',
  'supportsMixedCaseQuotedIdentifiers',
];
