import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, copyMemory } from '../native/memory.js';
import { StatementFailed } from './failure.js';

/** Where an ArrowArrayStream keeps its `private_data` (Arrow C stream interface). */
const PRIVATE_DATA = 32;
/** What DuckDB keeps there: the schema's address, the array's, and whether it has been read. */
const STATE = { size: 24, schema: 0, array: 8, done: 16 } as const;

/**
 * DuckDB's own stream of one ArrowArray, with functions of its own and none in JavaScript, and a view that scans it.
 * Rewinding it is not part of DuckDB's interface: it sets a flag, once the addresses beside that have proved that it is
 * the one that is meant.
 */
export class OneBatchStream {
  private readonly stream: Pointer;
  private readonly state: Pointer;
  private readonly flag = new Scratch(8);

  /** Makes the view in the connection's default schema. Both structures must outlive the stream. */
  constructor(
    private readonly api: DuckDbApi,
    connection: Pointer,
    view: string,
    schema: Pointer,
    array: Pointer,
  ) {
    const words = new Scratch(STATE.size);
    const state = api.duckdb_arrow_array_scan(connection, view, schema, array, words.pointer);
    this.stream = words.word(0);
    this.state = words.load(this.stream + PRIVATE_DATA, 8).word(0);
    words.load(this.state, STATE.size);
    const known = words.word(STATE.schema) === schema && words.word(STATE.array) === array;
    words.free();
    if (state === 0 && known) {
      this.end();
      return;
    }
    this.free();
    throw new StatementFailed({
      kind: state === 0 ? 'internal' : 'invalid_argument',
      message:
        state === 0
          ? 'This version of DuckDB keeps Arrow streams in an unknown way.'
          : 'DuckDB can not read columns of these types.',
      fatal: false,
    });
  }

  /** The next scan reads the array, once. */
  rewind(): void {
    this.setDone(0);
  }

  /** The next scan finds nothing. */
  end(): void {
    this.setDone(1);
  }

  free(): void {
    const out = Scratch.take(8);
    out.setWord(0, this.stream);
    this.api.duckdb_destroy_arrow_stream(out.pointer);
    out.free();
    this.flag.free();
  }

  private setDone(done: 0 | 1): void {
    this.flag.u8[0] = done;
    copyMemory(this.state + STATE.done, this.flag.pointer, 1);
  }
}
