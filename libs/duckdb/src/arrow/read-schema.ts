import { DomainError } from '@pondpilot/kernel';
import type { Pointer } from '../native/api.js';
import { Scratch, readCString, readText } from '../native/memory.js';
import { layoutOf, type Field } from './field.js';

/** Offsets and size of `struct ArrowSchema` on 64-bit machines (Arrow C data interface). */
export const ARROW_SCHEMA = {
  size: 72,
  format: 0,
  name: 8,
  metadata: 16,
  flags: 24,
  childCount: 32,
  children: 40,
  dictionary: 48,
  release: 56,
} as const;

const FLAG_DICTIONARY_ORDERED = 1;
const FLAG_NULLABLE = 2;
const FLAG_MAP_KEYS_SORTED = 4;

/**
 * Reads an ArrowSchema and all below it. Throws `unimplemented` that names the column whose type has no
 * representation here.
 */
export function readSchema(pointer: Pointer): Field {
  let nextDictionaryId = 0;
  const read = (at: Pointer, column: string | undefined): Field => {
    const words = Scratch.take(ARROW_SCHEMA.size).load(at, ARROW_SCHEMA.size);
    const name = readCString(words.word(ARROW_SCHEMA.name));
    const format = readCString(words.word(ARROW_SCHEMA.format));
    const layout = layoutOf(format);
    if (!layout)
      throw new DomainError(
        'unimplemented',
        `Column "${column ?? name}" has a type that is not supported (${format}).`,
      );
    const flags = words.word(ARROW_SCHEMA.flags);
    const values = words.word(ARROW_SCHEMA.dictionary);
    const children = readPointers(words.word(ARROW_SCHEMA.children), words.word(ARROW_SCHEMA.childCount));
    const metadata = readMetadata(words.word(ARROW_SCHEMA.metadata));
    words.free();
    return {
      name,
      format,
      layout,
      metadata,
      nullable: (flags & FLAG_NULLABLE) !== 0,
      keysSorted: (flags & FLAG_MAP_KEYS_SORTED) !== 0,
      children: children.map((child) => read(child, pointer === at ? undefined : (column ?? name))),
      dictionary:
        values === 0
          ? undefined
          : {
              id: nextDictionaryId++,
              values: read(values, name),
              ordered: (flags & FLAG_DICTIONARY_ORDERED) !== 0,
            },
    };
  };
  return read(pointer, undefined);
}

function readPointers(at: Pointer, count: number): Pointer[] {
  if (count === 0) return [];
  const words = Scratch.take(count * 8).load(at, count * 8);
  const pointers = Array.from({ length: count }, (_, index) => words.word(index * 8));
  words.free();
  return pointers;
}

/** The C data interface's metadata: int32 count, then for each key and value an int32 length and its bytes. */
function readMetadata(at: Pointer): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (at === 0) return metadata;
  const words = Scratch.take(8);
  let offset = 0;
  const int = (): number => {
    const value = words.load(at + offset, 4).i32[0] ?? 0;
    offset += 4;
    return value;
  };
  const text = (): string => {
    const length = int();
    const value = readText(at + offset, length);
    offset += length;
    return value;
  };
  for (let left = int(); left > 0; left--) {
    const key = text();
    metadata.set(key, text());
  }
  words.free();
  return metadata;
}
