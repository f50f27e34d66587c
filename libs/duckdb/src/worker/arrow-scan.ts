import { ARROW_ARRAY } from '../arrow/batch-layout.js';
import { Arena, type Bytes } from '../arrow-in/arena.js';
import { DictionaryStore } from '../arrow-in/dictionaries.js';
import { malformedColumn, reading } from '../arrow-in/failures.js';
import type { InputField } from '../arrow-in/input-field.js';
import { writeRecordBatch } from '../arrow-in/native-array.js';
import { nativeSchema } from '../arrow-in/native-schema.js';
import { BatchParts, batchOf } from '../arrow-in/read-batch.js';
import { ColumnReader } from '../arrow-in/read-column.js';
import { readMessage, readSchemaMessage } from '../arrow-in/read-schema-message.js';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, viewMemory } from '../native/memory.js';
import { StatementFailed, failureOf } from './failure.js';
import { OneBatchStream } from './one-batch-stream.js';
import type { SlotMemory } from './protocol.js';
import type { Statements } from './statements.js';

/** Name of the view in its database. */
const VIEW = 'batch';

/**
 * Record batches that a client sent, as a view that statements read from. The view scans an ArrowArray at a fixed
 * address, which each batch fills anew. It lies in a hidden database of its own, made on a connection of its own: so a
 * transaction sees it whenever that began, and writes to nothing but what its statements name.
 *
 * Measured with 2 million rows (int64, double, string) in batches of 131,072: this way 180 to 305 ms, chunks from Arrow
 * through `duckdb_appender_create_query` 460 to 790 ms, Python's duckdb 195 ms.
 */
export class ArrowScan {
  readonly columns: readonly InputField[];
  private readonly dictionaries: DictionaryStore;
  private readonly arena = new Arena();
  private readonly array: Bytes;
  private readonly helper: Pointer;
  private readonly stream: OneBatchStream;

  /** `name` is that of the hidden database. Throws DomainError for what can't be read, and StatementFailed. */
  constructor(
    private readonly statements: Statements,
    database: Pointer,
    private readonly name: string,
    schema: Uint8Array,
  ) {
    this.columns = reading(() => readSchemaMessage(schema));
    this.dictionaries = new DictionaryStore(this.columns);
    this.helper = connect(statements.api, database);
    try {
      this.array = this.arena.allocate(ARROW_ARRAY.size);
      writeRecordBatch(this.array, 0, [], this.arena);
      const native = nativeSchema(this.columns, this.arena);
      statements.run(this.helper, `ATTACH ':memory:' AS "${name}" (HIDDEN)`);
      statements.run(this.helper, `USE "${name}"`);
      this.stream = new OneBatchStream(statements.api, this.helper, VIEW, native, this.array.pointer);
      statements.run(this.helper, 'USE memory');
    } catch (error) {
      this.dropDatabase();
      this.arena.free();
      throw error;
    }
  }

  /** What stands for the rows in a statement. */
  get view(): string {
    return `"${this.name}".main."${VIEW}"`;
  }

  /** Runs a statement that finds no rows; answers how many it changed. */
  run(connection: Pointer, sql: string): number {
    return this.change(connection, sql);
  }

  /** Runs a statement over the rows of a batch; answers how many it changed. Keeps dictionaries. */
  write(connection: Pointer, header: Uint8Array, memory: SlotMemory, bodyBytes: number, sql: string): number {
    const view = memory.bytes === 0 ? new ArrayBuffer(0) : viewMemory(memory.pointer, memory.bytes);
    const body = { pointer: memory.pointer, u8: new Uint8Array(view, 0, bodyBytes) };
    const arena = new Arena();
    try {
      const rows = reading(() => this.read(header, body, arena));
      if (rows === 0) return 0;
      this.stream.rewind();
      return this.change(connection, sql);
    } finally {
      // Whoever finds the view from now on gets no rows.
      this.stream.end();
      arena.free();
    }
  }

  close(): void {
    this.dropDatabase();
    this.stream.free();
    this.dictionaries.free();
    this.arena.free();
  }

  /** Reads a record batch into the array; answers its rows. Keeps a dictionary, and answers 0. */
  private read(header: Uint8Array, body: Bytes, arena: Arena): number {
    const message = readMessage(header);
    const unionsHaveValidity = message.version() < MetadataVersion.V5;
    const batch = batchOf(message);
    if ('isDelta' in batch) {
      this.dictionaries.add(batch, body, unionsHaveValidity);
      return 0;
    }
    const parts = new BatchParts(batch, body, arena, unionsHaveValidity);
    const reader = new ColumnReader(parts, arena, this.dictionaries.valuesOf);
    const columns = this.columns.map((field) => {
      const column = reader.read(field);
      if (column.length === parts.rows) return column;
      throw malformedColumn(field.column, `has ${column.length} values where there are ${parts.rows} rows`);
    });
    if (parts.rows > 0) writeRecordBatch(this.array, parts.rows, columns, arena);
    return parts.rows;
  }

  private change(connection: Pointer, sql: string): number {
    const { api } = this.statements;
    const result = Scratch.take(48);
    const state = api.duckdb_query(connection, sql, result.pointer);
    const message = state === 0 ? null : api.duckdb_result_error(result.pointer);
    const rows = state === 0 ? api.duckdb_rows_changed(result.pointer) : 0;
    api.duckdb_destroy_result(result.pointer);
    result.free();
    if (state !== 0) throw new StatementFailed(failureOf(message));
    return rows;
  }

  private dropDatabase(): void {
    const { statements, helper } = this;
    const drop = Scratch.take(8);
    try {
      statements.run(helper, 'USE memory');
      statements.run(helper, `DETACH DATABASE IF EXISTS "${this.name}"`);
    } finally {
      drop.setWord(0, helper);
      statements.api.duckdb_disconnect(drop.pointer);
      drop.free();
    }
  }
}

function connect(api: DuckDbApi, database: Pointer): Pointer {
  const out = Scratch.take(8);
  try {
    if (api.duckdb_connect(database, out.pointer) === 0) return out.word(0);
    throw new StatementFailed({ kind: 'internal', message: 'DuckDB gave no connection.', fatal: true });
  } finally {
    out.free();
  }
}
