import { Arena, type Bytes } from './arena.js';
import type { Column } from './column.js';
import { concat } from './concat.js';
import { malformed, malformedColumn } from './failures.js';
import { shapeOf, type InputField } from './input-field.js';
import { BatchParts, type DictionaryHeader } from './read-batch.js';
import { ColumnReader } from './read-column.js';

interface Kept {
  readonly column: Column;
  readonly arena: Arena;
}

/** The dictionaries of one stream of messages; each lives until another one takes its place. */
export class DictionaryStore {
  private readonly fields = new Map<bigint, InputField>();
  private readonly kept = new Map<bigint, Kept>();

  /** Throws `invalid_argument` where fields of different types share a dictionary. */
  constructor(columns: readonly InputField[]) {
    for (const column of columns) this.collect(column);
  }

  readonly valuesOf = (field: InputField): Column => {
    const kept = field.dictionary && this.kept.get(field.dictionary.id);
    if (!kept) throw malformedColumn(field.column, 'came before its dictionary');
    return kept.column;
  };

  /** Keeps a copy of a dictionary batch; a delta goes behind what is there. */
  add({ id, isDelta, batch }: DictionaryHeader, body: Bytes, unionsHaveValidity: boolean): void {
    const field = this.fields.get(id);
    if (!field) throw malformed(`no column has a dictionary ${id}`);
    const before = this.kept.get(id);
    const arena = new Arena();
    try {
      const parts = new BatchParts(batch, arena.copy(body.u8), arena, unionsHaveValidity);
      const values = new ColumnReader(parts, arena, this.valuesOf).readValues(field);
      if (values.length < parts.rows)
        throw malformedColumn(field.column, 'has too few values in its dictionary');
      this.keep(
        id,
        isDelta && before ? join(before.column, values, arena) : { column: owned(values, arena), arena },
      );
    } catch (error) {
      arena.free();
      throw error;
    }
    before?.arena.free();
  }

  free(): void {
    for (const { arena } of this.kept.values()) arena.free();
    this.kept.clear();
  }

  private keep(id: bigint, kept: Kept): void {
    this.kept.set(id, kept);
  }

  private collect(field: InputField): void {
    const id = field.dictionary?.id;
    const other = id === undefined ? undefined : this.fields.get(id);
    if (other && shapeOf(other) !== shapeOf(field))
      throw malformedColumn(field.column, `shares its dictionary with "${other.column}" but not its type`);
    if (id !== undefined) this.fields.set(id, field);
    for (const child of field.children) this.collect(child);
  }
}

/** Both, in memory of their own. */
function join(before: Column, values: Column, temporary: Arena): Kept {
  const arena = new Arena();
  try {
    const column = concat(before, values, arena);
    temporary.free();
    return { column, arena };
  } catch (error) {
    arena.free();
    throw error;
  }
}

/** Views may point into other dictionaries, which may go before this one does. */
function owned(column: Column, arena: Arena): Column {
  const children = column.children.map((child) => owned(child, arena));
  if (column.layout.kind !== 'view' || column.buffers.length < 2) return { ...column, children };
  const [views, ...data] = column.buffers;
  const copies = data.map((bytes) => (arena.owns(bytes) ? bytes : arena.copy(bytes.u8)));
  return { ...column, children, buffers: [...(views ? [views] : []), ...copies] };
}
