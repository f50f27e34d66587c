import { ByteBuffer } from 'flatbuffers';
import { Endianness } from 'apache-arrow/fb/endianness';
import type { Field as FbField } from 'apache-arrow/fb/field';
import { Int } from 'apache-arrow/fb/int';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { Schema } from 'apache-arrow/fb/schema';
import { Type } from 'apache-arrow/fb/type';
import { knownExtension } from './extension.js';
import { malformed, malformedColumn, unreadable } from './failures.js';
import type { InputDictionary, InputField, InputLayout } from './input-field.js';
import { inputType, type InputType } from './input-type.js';

/** Deeper types would exhaust the stack, here or in DuckDB. */
const MAX_DEPTH = 64;
/** Fields of all levels. */
const MAX_FIELDS = 20_000;

/** The message that some bytes hold. Throws `invalid_argument`. */
export function readMessage(bytes: Uint8Array): Message {
  if (bytes.byteLength < 8) throw malformed('it is too short');
  return Message.getRootAsMessage(new ByteBuffer(bytes));
}

/** The columns of a schema message. Throws `invalid_argument` and `unimplemented` that name the column. */
export function readSchemaMessage(bytes: Uint8Array): InputField[] {
  const message = readMessage(bytes);
  if (message.headerType() !== MessageHeader.Schema) throw malformed('it is no schema');
  const schema = message.header(new Schema()) as Schema | null;
  if (!schema) throw malformed('it has no schema');
  if (schema.endianness() !== Endianness.Little) throw malformed('it is big-endian');
  const count = schema.fieldsLength();
  if (count < 1 || count > MAX_FIELDS) throw malformed(`it has ${count} columns`);
  const reader = new FieldReader();
  const columns = Array.from({ length: count }, (_, index) => {
    const field = schema.fields(index);
    return reader.read(field, nameOf(field, index), undefined, index, 0, false);
  });
  distinct(columns, '');
  return columns;
}

class FieldReader {
  private fields = 0;

  read(
    field: FbField | null,
    name: string,
    parent: string | undefined,
    index: number,
    depth: number,
    gatheredAbove: boolean,
  ): InputField {
    const column = parent ?? name;
    if (!field) throw malformed(`it has no field ${index}`);
    if (name.includes('\0')) throw malformedColumn(column, 'has a zero byte in its name');
    if (depth > MAX_DEPTH || ++this.fields > MAX_FIELDS)
      throw malformedColumn(column, 'is nested too deeply');
    const dictionary = dictionaryOf(field, column);
    const type = inputType(field, column);
    if (type.format.includes('\0')) throw malformedColumn(column, 'has a zero byte in its time zone');
    const gathered = gatheredAbove || dictionary !== undefined;
    const children = this.children(field, type.layout, column, depth, gathered || gathers(type.layout));
    checkChildren(field, type.layout, children, column);
    const format = formatOf(type, children, gathered);
    const extension = type.extension ?? knownExtension(field, format);
    return { name, column, layout: type.layout, dictionary, gathered, format, extension, children };
  }

  private children(
    field: FbField,
    { kind }: InputLayout,
    column: string,
    depth: number,
    gathered: boolean,
  ): InputField[] {
    const count = field.childrenLength();
    if (count > MAX_FIELDS) throw malformedColumn(column, `has ${count} children`);
    const children = Array.from({ length: count }, (_, index) => {
      const child = field.children(index);
      return this.read(child, nameOf(child, index), column, index, depth + 1, gathered);
    });
    if (kind === 'struct' || kind === 'union') distinct(children, column);
    return children;
  }
}

function gathers(layout: InputLayout): boolean {
  return layout.kind === 'runEnds' || layout.kind === 'listView' || (layout.kind === 'union' && layout.dense);
}

function nameOf(field: FbField | null, index: number): string {
  // As DuckDB names columns that have no name.
  return field?.name() || `v${index}`;
}

/** DuckDB's names differ in more than case. */
function distinct(fields: readonly InputField[], column: string): void {
  const names = new Set<string>();
  for (const { name } of fields) {
    const folded = name.toLowerCase();
    if (names.has(folded))
      throw column === ''
        ? malformed(`there are two columns "${name}"; rename one`)
        : malformedColumn(column, `has two fields "${name}"; rename one`);
    names.add(folded);
  }
}

function dictionaryOf(field: FbField, column: string): InputDictionary | undefined {
  const encoding = field.dictionary();
  if (!encoding) return undefined;
  const type: Int | null = encoding.indexType();
  const bits = type?.bitWidth() ?? 32;
  if (![8, 16, 32, 64].includes(bits)) throw malformedColumn(column, `has indices of ${bits} bits`);
  return { id: encoding.id(), indexBytes: bits / 8, signed: type?.isSigned() ?? true };
}

function checkChildren(
  field: FbField,
  layout: InputLayout,
  children: readonly InputField[],
  column: string,
): void {
  if (layout.kind === 'struct' || layout.kind === 'union') {
    if (children.length === 0) throw unreadable(column, layout.kind, 'It has no fields; leave it out.');
    return;
  }
  const wanted = CHILDREN[layout.kind] ?? 0;
  if (children.length !== wanted)
    throw malformedColumn(column, `has ${children.length} children, not ${wanted}`);
  const [first] = children;
  if (
    field.typeType() === Type.Map &&
    (first?.format !== '+s' || first.children.length !== 2 || first.dictionary)
  )
    throw malformedColumn(column, 'is a map without keys and values');
  if (layout.kind === 'runEnds' && (first?.dictionary || !/^[sil]$/.test(first?.format ?? '')))
    throw malformedColumn(column, 'has run ends that are no integers');
}

const CHILDREN: Readonly<Partial<Record<InputLayout['kind'], number>>> = {
  list: 1,
  listView: 1,
  fixedList: 1,
  runEnds: 2,
};

function formatOf(type: InputType, children: readonly InputField[], gathered: boolean): string {
  const { layout, format } = type;
  if (layout.kind === 'runEnds') return children[1]?.format ?? '';
  if (layout.kind === 'binary' && gathered) return layout.text ? 'vu' : 'vz';
  return format;
}
