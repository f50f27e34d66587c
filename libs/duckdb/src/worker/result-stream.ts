import { ARROW_ARRAY, BatchLayoutBuilder, type BatchLayout, type Piece } from '../arrow/batch-layout.js';
import { popcount } from '../arrow/bits.js';
import type { Compression } from '../arrow/compress-body.js';
import type { Field } from '../arrow/field.js';
import { encodeSchemaMessage } from '../arrow/schema-message.js';
import type { Pointer, ResultWords } from '../native/api.js';
import { callRelease } from '../native/call.js';
import { Scratch, allocate, free } from '../native/memory.js';
import { encode } from './encode.js';
import { StatementFailed, failureOf } from './failure.js';
import { checkIntervals, intervalColumns, type IntervalColumn } from './interval-check.js';
import type { EncodedMessage, SlotMemory } from './protocol.js';
import type { ColumnSchema, Statements } from './statements.js';

/** Rows of the first batch (DuckDB's chunk, so that it comes soon), and of the later ones. */
const FIRST_BATCH_ROWS = 2048;
const BATCH_ROWS = 65_536;
/** Bytes that a batch should have at most; a single row may have more. */
const BATCH_BYTES = 1_572_864;

const layouts = new BatchLayoutBuilder(popcount);
const arrayWords = new Scratch(ARROW_ARRAY.size);

/** The result of one execution, handed out as Arrow messages of bounded size. Closing it closes its statement too. */
export class ResultStream {
  readonly schema: Uint8Array;
  readonly rowsChanged: number;
  private readonly words: ResultWords;
  private readonly optionsHolder = Scratch.take(8);
  private readonly columns: readonly Field[];
  private readonly dictionaries: { id: number; values: Field; path: readonly number[] }[] = [];
  private readonly intervals: readonly IntervalColumn[];
  /** Fetched and not yet sent, oldest first. */
  private pieces: Piece[] = [];
  private batchRows = FIRST_BATCH_ROWS;
  private ended = false;
  private failure: unknown;

  constructor(
    private readonly statements: Statements,
    connection: Pointer,
    private readonly result: Scratch,
    private readonly prepared: Pointer,
    private readonly compression: Compression,
  ) {
    const { api } = statements;
    this.words = resultWords(result);
    this.rowsChanged = api.duckdb_rows_changed(result.pointer);
    api.duckdb_connection_get_arrow_options(connection, this.optionsHolder.pointer);
    const { root, types } = this.describeColumns();
    this.columns = root.children;
    const names = this.columns.map(({ name }) => name);
    this.intervals = intervalColumns(names, types);
    this.schema = encodeSchemaMessage(root);
    this.columns.forEach((column, index) => this.findDictionaries(column, [index]));
  }

  /** Writes the next message into the slot, or into larger memory of its own; undefined at the end. */
  next(slot: SlotMemory): EncodedMessage | undefined {
    this.prefetch();
    if (this.failure !== undefined) throw this.failure;
    const first = this.pieces[0];
    if (!first) return undefined;
    const dictionary = this.dictionaries.shift();
    if (dictionary) return this.encodeDictionary(dictionary, first, slot);
    const message = this.encodeBatch(slot);
    return { ...message, last: this.ended && this.failure === undefined && this.pieces.length === 0 };
  }

  /** Fetches what the next message needs, so that it is there when it is asked for. Never throws. */
  prefetch(): void {
    try {
      this.gather();
    } catch (error) {
      this.failure = error;
      this.ended = true;
    }
  }

  close(): void {
    for (const piece of this.pieces) releaseArray(piece.array);
    this.pieces = [];
    const { api } = this.statements;
    this.statements.closeResult(this.result);
    api.duckdb_destroy_arrow_options(this.optionsHolder.pointer);
    this.optionsHolder.free();
    this.statements.closePrepared(this.prepared);
  }

  private describeColumns(): ColumnSchema {
    const { statements, result, optionsHolder } = this;
    try {
      return statements.schemaOf(optionsHolder.word(0), statements.resultColumns(result.pointer));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Fetches until there are rows for a whole batch, or no more. */
  private gather(): void {
    let rows = this.pieces.reduce((sum, piece) => sum + piece.end - piece.start, 0);
    while (!this.ended && rows < this.batchRows) {
      const piece = this.fetch();
      if (!piece) this.ended = true;
      else {
        this.pieces.push(piece);
        rows += piece.end;
      }
    }
  }

  private fetch(): Piece | undefined {
    const { api } = this.statements;
    for (;;) {
      const chunk = api.duckdb_fetch_chunk(this.words);
      if (chunk === 0) {
        const message = api.duckdb_result_error(this.result.pointer);
        if (message) throw new StatementFailed(failureOf(message));
        return undefined;
      }
      const rows = api.duckdb_data_chunk_get_size(chunk);
      try {
        // A chunk may be empty before the end, where a filter kept none of its rows.
        if (rows === 0) continue;
        if (this.intervals.length > 0) checkIntervals(api, chunk, this.intervals);
        return { array: this.toArrow(chunk), start: 0, end: rows };
      } finally {
        arrayWords.setWord(0, chunk);
        api.duckdb_destroy_data_chunk(arrayWords.pointer);
      }
    }
  }

  private toArrow(chunk: Pointer): Pointer {
    const array = allocate(ARROW_ARRAY.size);
    try {
      const options = this.optionsHolder.word(0);
      this.statements.check(this.statements.api.duckdb_data_chunk_to_arrow(options, chunk, array));
      return array;
    } catch (error) {
      free(array);
      throw error;
    }
  }

  private encodeBatch(slot: SlotMemory): EncodedMessage {
    const { taken, layout } = this.layOutBatch();
    const message = encode(layout, undefined, slot, this.compression);
    this.drop(taken);
    const bytesPerRow = layout.bodyBytes / Math.max(layout.rows, 1);
    this.batchRows = Math.min(BATCH_ROWS, Math.max(1, Math.floor(BATCH_BYTES / Math.max(bytesPerRow, 1))));
    return message;
  }

  /** As many of the gathered rows as make a batch of the right size: halved until it fits, down to one row. */
  private layOutBatch(): { taken: number; layout: BatchLayout } {
    let rows = Math.max(this.batchRows, this.pieces[0] ? this.pieces[0].end - this.pieces[0].start : 0);
    for (;;) {
      const pieces = takeRows(this.pieces, rows);
      const layout = layouts.layOutColumns(this.columns, pieces);
      if (layout.bodyBytes <= BATCH_BYTES * 1.25 || layout.rows <= 1) return { taken: layout.rows, layout };
      rows = Math.ceil(layout.rows / 2);
    }
  }

  private drop(rows: number): void {
    let left = rows;
    while (left > 0) {
      const piece = this.pieces[0];
      if (!piece) return;
      const here = Math.min(left, piece.end - piece.start);
      left -= here;
      if (piece.start + here === piece.end) {
        releaseArray(piece.array);
        this.pieces.shift();
      } else this.pieces[0] = { ...piece, start: piece.start + here };
    }
  }

  private findDictionaries(field: Field, path: readonly number[]): void {
    if (field.dictionary)
      this.dictionaries.push({ id: field.dictionary.id, values: field.dictionary.values, path });
    field.children.forEach((child, index) => this.findDictionaries(child, [...path, index]));
  }

  private encodeDictionary(
    dictionary: { id: number; values: Field; path: readonly number[] },
    piece: Piece,
    slot: SlotMemory,
  ): EncodedMessage {
    let array = piece.array;
    for (const index of dictionary.path) {
      const children = arrayWords.load(array, ARROW_ARRAY.size).word(ARROW_ARRAY.children);
      array = arrayWords.load(children + index * 8, 8).word(0);
    }
    const values = arrayWords.load(array, ARROW_ARRAY.size).word(ARROW_ARRAY.dictionary);
    const length = arrayWords.load(values, ARROW_ARRAY.size).word(ARROW_ARRAY.length);
    const layout = layouts.layOutValues(dictionary.values, [{ array: values, start: 0, end: length }]);
    return { ...encode(layout, dictionary.id, slot, this.compression), rows: 0 };
  }
}

function resultWords(result: Scratch): ResultWords {
  const [w0, w1, w2, w3, w4, w5] = [0, 8, 16, 24, 32, 40].map((offset) => result.word(offset)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return { w0, w1, w2, w3, w4, w5 };
}

/** The first `rows` rows of the pieces. */
function takeRows(pieces: readonly Piece[], rows: number): Piece[] {
  const taken: Piece[] = [];
  let left = rows;
  for (const piece of pieces) {
    if (left <= 0) break;
    const end = Math.min(piece.end, piece.start + left);
    taken.push({ array: piece.array, start: piece.start, end });
    left -= end - piece.start;
  }
  return taken;
}

function releaseArray(array: Pointer): void {
  const release = arrayWords.load(array, ARROW_ARRAY.size).word(ARROW_ARRAY.release);
  if (release !== 0) callRelease(release, array);
  free(array);
}
