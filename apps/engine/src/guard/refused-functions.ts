import { DomainError } from '@pondpilot/kernel';
import { ColumnLists } from './column-lists.js';
import { tokens, type Token } from './lexer.js';

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
        // The other parser reads comments and texts in ways that this guard does not know.
        'enable_peg_parser disable_peg_parser',
      ],
      [
        SETTINGS,
        'checkpoint force_checkpoint duckdb_secrets which_secret import_database copy_database add_parquet_key',
      ],
    ] as const
  ).flatMap(([hint, names]) => names.split(' ').map((name) => [name, hint] as const)),
);
const MENTIONED = new RegExp([...REFUSED.keys()].join('|'), 'i');

/** Throws `permission_denied` for a statement that calls one of these functions. Columns and tables may have their names. */
export function refuseFunctions(sql: string): void {
  if (!MENTIONED.test(sql)) return;
  let lists: ColumnLists | undefined;
  // `a.b.name`: the name, and what stands before the whole of it.
  let name: Token | undefined;
  let before: Token | undefined;
  let qualified = false;
  let lastPart = false;
  for (const token of tokens(sql)) {
    const { kind, value, start } = token;
    if (name && kind === 'symbol' && value === '(') {
      const called = name.value.toLowerCase();
      const hint = REFUSED.get(called);
      if (hint !== undefined) {
        lists ??= new ColumnLists(sql);
        const word = before?.kind === 'word' ? before.value : '';
        if (!lists.isOne({ start: name.start, before: word, opens: start }))
          throw new DomainError('permission_denied', `The function ${called} is not allowed here: ${hint}.`);
      }
    }
    const named = kind === 'word' || kind === 'quoted';
    // `a.as b`: what belongs to a name is no word of the language.
    if (named && !qualified) before = lastPart ? undefined : name;
    if (named) lastPart = qualified;
    qualified = kind === 'symbol' && value === '.';
    if (!qualified) name = named ? token : undefined;
  }
}
