import { type Arena, type Bytes, int32s } from './arena.js';
import { checkOffsets, checkText, checkValues, checkViews } from './check-values.js';
import type { Column } from './column.js';
import { CONVERSIONS } from './convert.js';
import { malformedColumn } from './failures.js';
import type { InputField, InputLayout } from './input-field.js';
import { dictionaryPlaces, listRanges, runPlaces } from './places.js';
import type { BatchParts, Node } from './read-batch.js';
import { listOf, take } from './take.js';
import { viewsOf } from './views.js';

/** The values of a field's dictionary; an empty column where none has come. */
export type Dictionaries = (field: InputField) => Column;

type Of<K extends InputLayout['kind']> = Extract<InputLayout, { kind: K }>;

/**
 * Reads the columns of one batch from its body. Everything that DuckDB would follow without a look is checked first:
 * lengths, offsets, indices, views, type ids, UTF-8. What DuckDB reads wrongly or not at all is changed on the way.
 */
export class ColumnReader {
  constructor(
    private readonly parts: BatchParts,
    private readonly arena: Arena,
    private readonly dictionaries: Dictionaries,
  ) {}

  /** Throws `invalid_argument`; `resource_exhausted` for what unfolds to too much. */
  read(field: InputField): Column {
    const node = this.parts.nextNode();
    if (field.dictionary) return this.readEncoded(field, node);
    return this.readLayout(field, node);
  }

  /** The values of a field, whether or not it is dictionary-encoded. */
  readValues(field: InputField): Column {
    return this.readLayout(field, this.parts.nextNode());
  }

  private readLayout(field: InputField, node: Node): Column {
    const { layout } = field;
    const { length } = node;
    switch (layout.kind) {
      case 'null':
        return { layout: { kind: 'null' }, length, validity: undefined, buffers: [], children: [] };
      case 'runEnds':
        return this.readRuns(field, length);
      case 'union':
        return this.readUnion(field, layout, length);
    }
    const validity = this.validity(field, node);
    switch (layout.kind) {
      case 'bits': {
        const values = this.buffer(field, (length + 7) >> 3);
        return { layout: { kind: 'bits' }, length, validity, buffers: [values], children: [] };
      }
      case 'fixed':
        return this.readFixed(field, layout, length, validity);
      case 'binary':
        return this.readBinary(field, layout, length, validity);
      case 'view':
        return this.readViews(field, layout, length, validity);
      case 'list':
        return this.readList(field, layout, length, validity);
      case 'listView':
        return this.readListView(field, layout, length, validity);
      case 'fixedList': {
        const children = this.children(field, length * layout.size);
        return { layout, length, validity, buffers: [], children };
      }
      case 'struct':
        return {
          layout: { kind: 'struct' },
          length,
          validity,
          buffers: [],
          children: this.children(field, length),
        };
    }
  }

  private validity(field: InputField, { length, mayHaveNulls }: Node): Bytes | undefined {
    const validity = this.parts.nextBuffer();
    if (!mayHaveNulls || validity.u8.byteLength === 0) return undefined;
    if (validity.u8.byteLength < (length + 7) >> 3) throw tooShort(field);
    return validity;
  }

  /** The next buffer, which must have so many bytes; zeros instead of nothing, which some send for no values. */
  private buffer(field: InputField, bytes: number): Bytes {
    const buffer = this.parts.nextBuffer();
    if (buffer.u8.byteLength < bytes) throw tooShort(field);
    return buffer.pointer === 0 ? this.arena.allocate(8) : buffer;
  }

  private offsets(field: InputField, length: number, offsetBytes: number): Bytes {
    return this.buffer(field, length === 0 ? 0 : (length + 1) * offsetBytes);
  }

  private children(field: InputField, atLeast: number): Column[] {
    return field.children.map((child) => {
      const column = this.read(child);
      if (column.length < atLeast) throw tooShort(field);
      return column;
    });
  }

  private child(field: InputField, index = 0): Column {
    const child = field.children[index];
    if (!child) throw malformedColumn(field.column, 'has too few children');
    return this.read(child);
  }

  private readFixed(
    field: InputField,
    layout: Of<'fixed'>,
    length: number,
    validity: Bytes | undefined,
  ): Column {
    const { width, check, convert } = layout;
    const values = this.buffer(field, length * width);
    if (check) checkValues(check, values, length, validity, field.column);
    const conversion = convert && CONVERSIONS[convert];
    return {
      layout: { kind: 'fixed', width: conversion?.width ?? width },
      length,
      validity,
      buffers: [conversion?.convert(values, length, this.arena) ?? values],
      children: [],
    };
  }

  private readBinary(
    field: InputField,
    layout: Of<'binary'>,
    length: number,
    validity: Bytes | undefined,
  ): Column {
    const { offsetBytes, text } = layout;
    const { column } = field;
    const offsets = this.offsets(field, length, offsetBytes);
    const data = this.buffer(field, 0);
    checkOffsets(offsets, length, offsetBytes, data.u8.byteLength, column);
    if (text) checkText(offsets, data, length, offsetBytes, validity, column);
    if (!field.gathered)
      return {
        layout: { kind: 'binary', offsetBytes },
        length,
        validity,
        buffers: [offsets, data],
        children: [],
      };
    const views = viewsOf(offsets, data, length, offsetBytes, column, this.arena);
    return { layout: { kind: 'view' }, length, validity, buffers: [views, data], children: [] };
  }

  private readViews(
    field: InputField,
    { text }: Of<'view'>,
    length: number,
    validity: Bytes | undefined,
  ): Column {
    const views = this.buffer(field, length * 16);
    const count = this.parts.nextVariadic();
    const data = Array.from({ length: count }, () => this.buffer(field, 0));
    checkViews(views, data, length, validity, text, field.column);
    return { layout: { kind: 'view' }, length, validity, buffers: [views, ...data], children: [] };
  }

  private readList(
    field: InputField,
    layout: Of<'list'>,
    length: number,
    validity: Bytes | undefined,
  ): Column {
    const { offsetBytes } = layout;
    const offsets = this.offsets(field, length, offsetBytes);
    const child = this.child(field);
    checkOffsets(offsets, length, offsetBytes, child.length, field.column);
    return { layout: { kind: 'list', offsetBytes }, length, validity, buffers: [offsets], children: [child] };
  }

  private readListView(
    field: InputField,
    { offsetBytes }: Of<'listView'>,
    length: number,
    validity: Bytes | undefined,
  ): Column {
    const starts = this.buffer(field, length * offsetBytes);
    const sizes = this.buffer(field, length * offsetBytes);
    const child = this.child(field);
    this.arena.charge(length * 8);
    const ranges = listRanges(starts, sizes, offsetBytes, length, validity, child.length, field.column);
    const { offsets, items } = listOf(ranges.starts, ranges.sizes, offsetBytes, this.arena);
    return {
      layout: { kind: 'list', offsetBytes },
      length,
      validity,
      buffers: [offsets],
      children: [take(child, items, this.arena)],
    };
  }

  private readRuns(field: InputField, length: number): Column {
    const ends = this.child(field, 0);
    const values = this.child(field, 1);
    if (ends.validity || values.length < ends.length || ends.layout.kind !== 'fixed')
      throw malformedColumn(field.column, 'has wrong runs');
    const [bytes] = ends.buffers;
    if (!bytes) throw tooShort(field);
    this.arena.charge(length * 4);
    return take(values, runPlaces(bytes, ends.layout.width, ends.length, length, field.column), this.arena);
  }

  private readUnion(field: InputField, { dense, typeIds }: Of<'union'>, length: number): Column {
    if (this.parts.unionsHaveValidity) this.parts.nextBuffer();
    const tags = this.tags(field, typeIds, length);
    const offsets = dense ? this.buffer(field, length * 4) : undefined;
    const children = this.children(field, dense ? 0 : length);
    return {
      layout: { kind: 'union' },
      length,
      validity: undefined,
      buffers: [tags],
      children: offsets ? this.spread(field, tags, offsets, children, length) : children,
    };
  }

  /** DuckDB takes type ids for the children's places. */
  private tags(field: InputField, typeIds: readonly number[], length: number): Bytes {
    const ids = this.buffer(field, length);
    const places = new Int16Array(256).fill(-1);
    typeIds.forEach((id, place) => (places[id] = place));
    const tags = this.arena.allocate(length);
    for (let i = 0; i < length; i++) {
      const place = places[ids.u8[i] ?? 0] ?? -1;
      if (place < 0) throw malformedColumn(field.column, 'has type ids that are not in its type');
      tags.u8[i] = place;
    }
    return tags;
  }

  /** Children of a dense union, each as long as the union. */
  private spread(
    field: InputField,
    tags: Bytes,
    offsets: Bytes,
    children: Column[],
    length: number,
  ): Column[] {
    const from = int32s(offsets);
    return children.map((child, index) => {
      this.arena.charge(length * 4);
      const places = new Int32Array(length).fill(-1);
      for (let i = 0; i < length; i++) {
        if (tags.u8[i] !== index) continue;
        const place = from[i] ?? -1;
        if (place < 0 || place >= child.length)
          throw malformedColumn(field.column, 'has offsets behind the end of its values');
        places[i] = place;
      }
      return take(child, places, this.arena);
    });
  }

  private readEncoded(field: InputField, node: Node): Column {
    const { dictionary } = field;
    if (!dictionary) return this.readLayout(field, node);
    const { length } = node;
    const validity = this.validity(field, node);
    const indices = this.buffer(field, length * dictionary.indexBytes);
    const values = this.dictionaries(field);
    this.arena.charge(length * 4);
    const places = dictionaryPlaces(indices, dictionary, length, validity, values.length, field.column);
    return take(values, places, this.arena);
  }
}

function tooShort(field: InputField): Error {
  return malformedColumn(field.column, 'has too few values or bytes');
}
