export interface SampleDatabase {
  readonly alias: string;
  readonly type: string;
  readonly connection_string: string;
}

/** What `scripts/test.mjs` made before it started jest. */
interface Prepared {
  readonly databases: readonly SampleDatabase[];
  readonly extensions: string;
  /** The Python that has the clients. */
  readonly python?: string;
  /** The Python that has SQLAlchemy and its dialect. */
  readonly sqlalchemyPython?: string;
  /** Path of the JDBC driver. */
  readonly jdbcDriver?: string;
  /** Path of the program that test/clients/go becomes. */
  readonly goClient?: string;
  /** Where the database servers' programs are. */
  readonly servers: {
    /** The folder of PostgreSQL's. */
    readonly postgres?: string;
    readonly mariadb?: { readonly server: string; readonly tools: string };
    readonly haproxy?: string;
  };
  /** Names of the images that are made of the sources where there is a Docker daemon. */
  readonly images: { readonly engine: string; readonly proxy: string };
  readonly exampleQuery: string;
}

const text = process.env['TEST_PREPARED'];
if (!text) throw new Error('These tests need what npm test makes first: run them as npm test -- FILE.');

export const prepared: Prepared = JSON.parse(text) as Prepared;
