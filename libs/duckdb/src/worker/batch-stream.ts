import { ARROW_ARRAY } from '../arrow/batch-layout.js';
import { HARMLESS_RELEASE } from '../native/release.js';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { ARRAY_LIST } from '../native/array-source.js';
import { Scratch, copyMemory } from '../native/memory.js';
import { StatementFailed } from './failure.js';
import type { SourceAddress } from './protocol.js';

/** Where an ArrowArrayStream keeps its `get_next` (Arrow C stream interface). */
const GET_NEXT = 8;

/**
 * An ArrowArrayStream, and a view that scans it. The stream is DuckDB's own of one array, with that array's schema; what
 * it gives are the arrays of a source's list.
 */
export class BatchStream {
  private readonly stream: Pointer;
  private readonly words = new Scratch(ARRAY_LIST.size);
  private readonly none = new Scratch(ARROW_ARRAY.size);

  /** Makes the view in the connection's default schema. The schema must outlive the stream. */
  constructor(
    private readonly api: DuckDbApi,
    connection: Pointer,
    view: string,
    schema: Pointer,
    private readonly source: SourceAddress,
  ) {
    this.none.u8.fill(0);
    this.none.setWord(ARROW_ARRAY.release, HARMLESS_RELEASE);
    const out = Scratch.take(8);
    const state = api.duckdb_arrow_array_scan(connection, view, schema, this.none.pointer, out.pointer);
    this.stream = out.word(0);
    out.setWord(0, source.getNext);
    if (state === 0) copyMemory(this.stream + GET_NEXT, out.pointer, 8);
    out.free();
    if (state === 0) return;
    this.free();
    throw new StatementFailed({
      kind: 'invalid_argument',
      message: 'DuckDB can not read columns of these types.',
      fatal: false,
    });
  }

  /** Calls `use`, in which one scan finds these arrays: `count` of them, one behind the other. Others find none. */
  with<T>(arrays: Pointer, count: number, use: () => T): T {
    this.setList(arrays, count);
    try {
      return use();
    } finally {
      this.setList(0, 0);
    }
  }

  free(): void {
    const out = Scratch.take(8);
    out.setWord(0, this.stream);
    this.api.duckdb_destroy_arrow_stream(out.pointer);
    out.free();
    this.none.free();
    this.words.free();
  }

  private setList(arrays: Pointer, count: number): void {
    this.words.setWord(ARRAY_LIST.arrays, arrays);
    this.words.setWord(ARRAY_LIST.count, count);
    this.words.setWord(ARRAY_LIST.taken, 0);
    copyMemory(this.source.list, this.words.pointer, ARRAY_LIST.size);
  }
}
