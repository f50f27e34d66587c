import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuseFunctions } from '../../apps/engine/src/guard/refused-functions.js';
import { refuseStatements } from '../../apps/engine/src/guard/refused-statements.js';
import { Unprotected } from './support/escapes/unprotected.js';

const names = (text: string) => new Set(text.split(/\s+/));

/** Functions in FROM and CALL that somebody has looked at: they tell of the user's own engine, or make rows of values. */
const HARMLESS_TABLES = names(
  `check_peg_parser duckdb_approx_database_count duckdb_columns duckdb_connection_count duckdb_constraints
   duckdb_coordinate_systems duckdb_databases duckdb_dependencies duckdb_extensions duckdb_external_file_cache
   duckdb_functions duckdb_indexes duckdb_keywords duckdb_log_contexts duckdb_logs duckdb_logs_parsed duckdb_memory
   duckdb_optimizers duckdb_prepared_statements duckdb_profiling_settings duckdb_schemas duckdb_secret_types
   duckdb_sequences duckdb_settings duckdb_table_sample duckdb_tables duckdb_temporary_files duckdb_types
   duckdb_variables duckdb_views generate_series histogram histogram_values icu_calendar_names json_each json_tree
   mysql_clear_cache pg_clear_cache pg_timezone_names pragma_collations pragma_database_size pragma_metadata_info
   pragma_platform pragma_show pragma_storage_info pragma_table_info pragma_user_agent pragma_version range repeat
   repeat_row sql_auto_complete summary test_all_types test_vector_types unnest`,
);
const HARMLESS_PRAGMAS = names(
  `collations database_list database_size extension_versions functions metadata_info platform show show_databases
   show_tables show_tables_expanded storage_info table_info user_agent version`,
);
/** Functions that do not answer the same each time, or do more than answer. */
const HARMLESS_VOLATILES = names(
  `current_connection_id current_database current_date current_query current_query_id current_schema current_schemas
   current_transaction_id currval error gen_random_uuid get_current_time get_current_timestamp in_search_path nextval
   now random setseed sleep_ms stats today transaction_timestamp txid_current uuid uuidv4 uuidv7`,
);

const isRefused = (sql: string) => {
  try {
    refuseStatements(sql);
    refuseFunctions(sql);
    return false;
  } catch {
    return true;
  }
};

/** A DuckDB or scanner of another version may bring what nobody has looked at. */
describe('Each function that DuckDB and its scanners have', () => {
  let side: Unprotected;
  beforeAll(async () => {
    side = await Unprotected.attached([]);
  });
  afterAll(() => side?.close());

  const having = async (condition: string): Promise<string[]> => {
    const sql = `SELECT DISTINCT function_name AS name FROM duckdb_functions() WHERE ${condition} ORDER BY ALL`;
    const rows = JSON.parse(await side.rows(sql)) as { name: string }[];
    expect(rows.length).toBeGreaterThan(10);
    return rows.map(({ name }) => name);
  };

  it('is refused in FROM and CALL, or harmless', async () => {
    const all = await having("function_type IN ('table', 'table_macro')");
    const open = all.filter((name) => !isRefused(`FROM ${name}()`) || !isRefused(`CALL ${name}()`));
    expect(open.filter((name) => !HARMLESS_TABLES.has(name))).toEqual([]);
  });

  it('is refused as a pragma, or harmless', async () => {
    const all = await having("function_type = 'pragma'");
    const open = (form: (name: string) => string) =>
      all.filter((name) => !isRefused(form(name)) && !HARMLESS_PRAGMAS.has(name));
    expect(open((name) => `PRAGMA ${name}('x')`)).toEqual([]);
    // It takes an argument, and is refused with one.
    expect(open((name) => `PRAGMA ${name}`)).toEqual(['json_execute_serialized_sql']);
  });

  it('is refused in an expression where it does more than answer, or harmless', async () => {
    const all = await having("function_type = 'scalar' AND stability IS DISTINCT FROM 'CONSISTENT'");
    const open = all.filter((name) => !isRefused(`SELECT ${name}()`));
    expect(open.filter((name) => !HARMLESS_VOLATILES.has(name))).toEqual([]);
  });
});
