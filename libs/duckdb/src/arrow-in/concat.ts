import { type Arena, type Bytes, int32s, uint32s } from './arena.js';
import { bit, bufferOf, childOf, isValid, setBit, type Column } from './column.js';
import { take } from './take.js';

/** The values of both columns, which have the same layout. Strings and blobs must be views. All is copied. */
export function concat(first: Column, second: Column, arena: Arena): Column {
  const { layout } = first;
  const length = first.length + second.length;
  const joined = { layout, length, validity: concatValidity(first, second, arena) };
  const children = () => first.children.map((child, i) => concat(child, childOf(second, i), arena));
  switch (layout.kind) {
    case 'null':
      return { ...joined, validity: undefined, buffers: [], children: [] };
    case 'bits': {
      const bits = concatBits(first, second, (column, i) => bit(bufferOf(column, 0).u8, i) === 1, arena);
      return { ...joined, buffers: [bits], children: [] };
    }
    case 'fixed':
      return { ...joined, buffers: [concatFixed(first, second, layout.width, arena)], children: [] };
    case 'view':
      return { ...joined, buffers: concatViews(first, second, arena), children: [] };
    case 'list':
      return { ...joined, ...concatLists(first, second, layout.offsetBytes, arena) };
    case 'struct':
      return { ...joined, buffers: [], children: children() };
    case 'fixedList': {
      const [items, others] = [childOf(first, 0), childOf(second, 0)];
      const exact = { ...items, length: first.length * layout.size };
      return { ...joined, buffers: [], children: [concat(exact, others, arena)] };
    }
    case 'union': {
      const tags = concatFixed(first, second, 1, arena);
      return { ...joined, validity: undefined, buffers: [tags], children: children() };
    }
    case 'binary':
      throw new TypeError('Strings are joined as views.');
  }
}

function concatBits(
  first: Column,
  second: Column,
  isSet: (column: Column, index: number) => boolean,
  arena: Arena,
): Bytes {
  const target = arena.allocate((first.length + second.length + 7) >> 3);
  for (let i = 0; i < first.length; i++) if (isSet(first, i)) setBit(target.u8, i);
  for (let i = 0; i < second.length; i++) if (isSet(second, i)) setBit(target.u8, first.length + i);
  return target;
}

function concatValidity(first: Column, second: Column, arena: Arena): Bytes | undefined {
  if (!first.validity && !second.validity) return undefined;
  return concatBits(first, second, isValid, arena);
}

function concatFixed(first: Column, second: Column, width: number, arena: Arena): Bytes {
  const target = arena.allocate((first.length + second.length) * width);
  target.u8.set(bufferOf(first, 0).u8.subarray(0, first.length * width));
  target.u8.set(bufferOf(second, 0).u8.subarray(0, second.length * width), first.length * width);
  return target;
}

/** Views of the second column point behind the data of the first. */
function concatViews(first: Column, second: Column, arena: Arena): Bytes[] {
  const views = concatFixed(first, second, 16, arena);
  const words = int32s(views);
  const before = first.buffers.length - 1;
  for (let i = first.length; i < first.length + second.length; i++)
    if ((words[i * 4] ?? 0) > 12) words[i * 4 + 2] = (words[i * 4 + 2] ?? 0) + before;
  const data = [...first.buffers.slice(1), ...second.buffers.slice(1)];
  return [views, ...data.map(({ u8 }) => arena.copy(u8))];
}

function concatLists(
  first: Column,
  second: Column,
  offsetBytes: 4 | 8,
  arena: Arena,
): Pick<Column, 'buffers' | 'children'> {
  const step = offsetBytes / 4;
  const offsets = arena.allocate((first.length + second.length + 1) * offsetBytes);
  const to = uint32s(offsets);
  const items = childOf(first, 0);
  const append = (column: Column, at: number, add: number) => {
    const from = uint32s(bufferOf(column, 0));
    for (let i = 0; i <= column.length; i++) to[(at + i) * step] = (from[i * step] ?? 0) + add;
  };
  append(first, 0, 0);
  // What lies behind the first one's lists, and before the second one's, is dropped: lists have no gaps.
  const exact = { ...items, length: to[first.length * step] ?? 0 };
  const start = uint32s(bufferOf(second, 0))[0] ?? 0;
  append(second, first.length, exact.length - start);
  const rest = dropItems(childOf(second, 0), start, arena);
  return { buffers: [offsets], children: [concat(exact, rest, arena)] };
}

function dropItems(items: Column, start: number, arena: Arena): Column {
  if (start === 0) return items;
  arena.charge((items.length - start) * 4);
  return take(
    items,
    Int32Array.from({ length: items.length - start }, (_, i) => start + i),
    arena,
  );
}
