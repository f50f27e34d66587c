import { ARROW_SCHEMA } from '../arrow/read-schema.js';
import type { Pointer } from '../native/api.js';
import { HARMLESS_RELEASE } from '../native/release.js';
import type { Arena, Bytes } from './arena.js';
import type { InputField } from './input-field.js';
import { setWord } from './words.js';

const FLAG_NULLABLE = 2;
const utf8 = new TextEncoder();

/** An ArrowSchema (C data interface): a struct of these columns. Lives as long as the arena. */
export function nativeSchema(columns: readonly InputField[], arena: Arena): Pointer {
  return writeSchema({ name: '', format: '+s', extension: new Map(), children: columns }, arena);
}

type Described = Pick<InputField, 'name' | 'format' | 'extension' | 'children'>;

/** A field as DuckDB sees it: runs are unfolded before. */
function described(field: InputField): Described {
  const values = field.children[1];
  if (field.layout.kind !== 'runEnds' || !values) return field;
  const unfolded = described(values);
  return {
    ...unfolded,
    name: field.name,
    extension: field.extension.size > 0 ? field.extension : unfolded.extension,
  };
}

function writeSchema({ name, format, extension, children }: Described, arena: Arena): Pointer {
  const schema = arena.allocate(ARROW_SCHEMA.size);
  setWord(schema, ARROW_SCHEMA.format, cString(format, arena));
  setWord(schema, ARROW_SCHEMA.name, cString(name, arena));
  if (extension.size > 0) setWord(schema, ARROW_SCHEMA.metadata, metadata(extension, arena).pointer);
  setWord(schema, ARROW_SCHEMA.flags, FLAG_NULLABLE);
  setWord(schema, ARROW_SCHEMA.release, HARMLESS_RELEASE);
  setWord(schema, ARROW_SCHEMA.childCount, children.length);
  if (children.length > 0) {
    const pointers = arena.allocate(children.length * 8);
    children.forEach((child, i) => setWord(pointers, i * 8, writeSchema(described(child), arena)));
    setWord(schema, ARROW_SCHEMA.children, pointers.pointer);
  }
  return schema.pointer;
}

function cString(text: string, arena: Arena): Pointer {
  return arena.copy(utf8.encode(`${text}\0`)).pointer;
}

/** The C data interface's form: int32 count, then for each key and value an int32 length and its bytes. */
function metadata(entries: ReadonlyMap<string, string>, arena: Arena): Bytes {
  const parts: Buffer[] = [int32(entries.size)];
  for (const text of [...entries].flat()) {
    const bytes = Buffer.from(text);
    parts.push(int32(bytes.byteLength), bytes);
  }
  return arena.copy(Buffer.concat(parts));
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}
