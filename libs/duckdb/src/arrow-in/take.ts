import { type Arena, type Bytes, int32s, uint32s } from './arena.js';
import { bit, bufferOf, childOf, isValid, setBit, type Column } from './column.js';

const VIEW_BYTES = 16;

/**
 * The values at these places, one after the other; -1 is a null. All places are within the column. Strings and blobs
 * must be views.
 */
export function take(column: Column, places: Int32Array, arena: Arena): Column {
  const { layout } = column;
  const length = places.length;
  const taken = {
    layout,
    length,
    validity:
      layout.kind === 'null' || layout.kind === 'union' ? undefined : takeValidity(column, places, arena),
  };
  const ofChildren = (from: Int32Array) => column.children.map((child) => take(child, from, arena));
  switch (layout.kind) {
    case 'null':
      return { ...taken, buffers: [], children: [] };
    case 'bits':
      return { ...taken, buffers: [takeBits(bufferOf(column, 0), places, arena)], children: [] };
    case 'fixed':
      return {
        ...taken,
        buffers: [takeFixed(bufferOf(column, 0), layout.width, places, arena)],
        children: [],
      };
    case 'view': {
      const [views, ...data] = column.buffers;
      const picked = views ? [takeFixed(views, VIEW_BYTES, places, arena)] : [];
      return { ...taken, buffers: [...picked, ...data], children: [] };
    }
    case 'struct':
      return { ...taken, buffers: [], children: ofChildren(places) };
    case 'union': {
      const tags = takeFixed(bufferOf(column, 0), 1, places, arena);
      return { ...taken, buffers: [tags], children: ofChildren(places) };
    }
    case 'fixedList':
      return { ...taken, buffers: [], children: ofChildren(itemPlaces(places, layout.size, arena)) };
    case 'list': {
      const { offsets, items } = takeLists(column, layout.offsetBytes, places, arena);
      return { ...taken, buffers: [offsets], children: [take(childOf(column, 0), items, arena)] };
    }
    case 'binary':
      throw new TypeError('Strings are taken as views.');
  }
}

function takeValidity(column: Column, places: Int32Array, arena: Arena): Bytes | undefined {
  if (column.validity === undefined && !places.includes(-1)) return undefined;
  const validity = arena.allocate((places.length + 7) >> 3);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? -1;
    if (place >= 0 && isValid(column, place)) setBit(validity.u8, i);
  }
  return validity;
}

function takeBits(bits: Bytes, places: Int32Array, arena: Arena): Bytes {
  const target = arena.allocate((places.length + 7) >> 3);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? -1;
    if (place >= 0 && bit(bits.u8, place) === 1) setBit(target.u8, i);
  }
  return target;
}

function takeFixed(values: Bytes, width: number, places: Int32Array, arena: Arena): Bytes {
  const target = arena.allocate(places.length * width);
  const unit = width % 4 === 0 ? 4 : 1;
  const from = unit === 4 ? int32s(values) : values.u8;
  const to = unit === 4 ? int32s(target) : target.u8;
  const step = width / unit;
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? -1;
    if (place < 0) continue;
    for (let k = 0; k < step; k++) to[i * step + k] = from[place * step + k] ?? 0;
  }
  return target;
}

function itemPlaces(places: Int32Array, size: number, arena: Arena): Int32Array {
  arena.charge(places.length * size * 4);
  const items = new Int32Array(places.length * size);
  for (let i = 0; i < places.length; i++) {
    const place = places[i] ?? -1;
    for (let k = 0; k < size; k++) items[i * size + k] = place < 0 ? -1 : place * size + k;
  }
  return items;
}

function takeLists(
  column: Column,
  offsetBytes: 4 | 8,
  places: Int32Array,
  arena: Arena,
): { offsets: Bytes; items: Int32Array } {
  const step = offsetBytes / 4;
  const from = uint32s(bufferOf(column, 0));
  const starts = new Uint32Array(places.length);
  const sizes = new Uint32Array(places.length);
  arena.charge(places.length * 8);
  places.forEach((place, i) => {
    if (place < 0 || !isValid(column, place)) return;
    starts[i] = from[place * step] ?? 0;
    sizes[i] = (from[(place + 1) * step] ?? 0) - (starts[i] ?? 0);
  });
  return listOf(starts, sizes, offsetBytes, arena);
}

/** Offsets of lists that lie one behind the other, and the places of their items where they came from. */
export function listOf(
  starts: Uint32Array,
  sizes: Uint32Array,
  offsetBytes: 4 | 8,
  arena: Arena,
): { offsets: Bytes; items: Int32Array } {
  let total = 0;
  for (const size of sizes) total += size;
  arena.charge(total * 4);
  const items = new Int32Array(total);
  const offsets = arena.allocate((sizes.length + 1) * offsetBytes);
  const to = uint32s(offsets);
  const step = offsetBytes / 4;
  let end = 0;
  for (let i = 0; i < sizes.length; i++) {
    const start = starts[i] ?? 0;
    const size = sizes[i] ?? 0;
    for (let k = 0; k < size; k++) items[end + k] = start + k;
    end += size;
    to[(i + 1) * step] = end;
  }
  return { offsets, items };
}
