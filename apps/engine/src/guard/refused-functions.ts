import { DomainError } from '@pondpilot/kernel';
import { tokens } from './lexer.js';

const TABLES = 'query the attached database by its alias instead';
const DIRECT = 'write the query itself instead';

const FILES = 'engines read no files; write rows by INSERT or bulk ingestion';
const INTERNAL = "it is DuckDB's own";
const SETTINGS = "it changes how the engine works, which is the operator's";

/**
 * Functions that pass by what engines promise: they run text on a database server (and end the read-only transaction
 * there), reach for databases that nobody attached, run SQL that is hidden in a text, read memory at any address, or
 * change what is locked.
 */
const REFUSED: ReadonlyMap<string, string> = new Map(
  (
    [
      [TABLES, 'postgres_execute postgres_query postgres_scan postgres_scan_pushdown postgres_attach'],
      [TABLES, 'postgres_configure_pool read_postgres_binary sqlite_scan sqlite_attach sqlite_query'],
      [
        TABLES,
        'mysql_execute mysql_query mysql_scan mysql_attach mysql_debug_execution_plan mysql_explain_federated',
      ],
      [DIRECT, 'query query_table json_execute_serialized_sql'],
      // A serialized plan can name types that SQL can't: with POINTER, arrow_scan reads at any address.
      [INTERNAL, 'json_deserialize_sql arrow_scan arrow_scan_dumb seq_scan pandas_scan python_map_function'],
      // Paths of attached databases, and of spilled data, are open to DuckDB itself.
      [FILES, 'read_blob read_text read_csv read_csv_auto read_json read_json_auto read_json_objects glob'],
      [
        FILES,
        'read_json_objects_auto read_ndjson read_ndjson_auto read_ndjson_objects read_parquet sniff_csv',
      ],
      [FILES, 'parquet_scan parquet_metadata parquet_schema parquet_file_metadata parquet_kv_metadata'],
      [FILES, 'parquet_full_metadata parquet_bloom_probe read_duckdb'],
      [
        SETTINGS,
        'enable_logging disable_logging truncate_duckdb_logs write_log enable_profiling disable_profiling',
      ],
      [
        SETTINGS,
        'checkpoint force_checkpoint duckdb_secrets which_secret import_database copy_database add_parquet_key',
      ],
    ] as const
  ).flatMap(([hint, names]) => names.split(' ').map((name) => [name, hint] as const)),
);
const MENTIONED = new RegExp([...REFUSED.keys()].join('|'), 'i');

/** Words behind which a name with a parenthesis is a table's, with its columns: `INSERT INTO query (a, b)`. */
const TABLE_FOLLOWS: ReadonlySet<string> = new Set([
  'table',
  'into',
  'exists',
  'view',
  'with',
  'recursive',
  'references',
]);

/** Throws `permission_denied` for a statement that calls one of these functions. Columns and tables may have their names. */
export function refuseFunctions(sql: string): void {
  if (!MENTIONED.test(sql)) return;
  // `a.b.name`: the name, and what stands before the whole of it.
  let name = '';
  let before = '';
  let qualified = false;
  for (const { kind, value } of tokens(sql)) {
    if (kind === 'symbol' && value === '(') {
      const hint = TABLE_FOLLOWS.has(before) ? undefined : REFUSED.get(name);
      if (hint !== undefined)
        throw new DomainError('permission_denied', `The function ${name} is not allowed here: ${hint}.`);
    }
    const named = kind === 'word' || kind === 'quoted';
    if (named && !qualified) before = name;
    qualified = kind === 'symbol' && value === '.';
    if (!qualified) name = named ? value.toLowerCase() : '';
  }
}
