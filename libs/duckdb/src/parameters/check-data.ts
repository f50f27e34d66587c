import { DomainError } from '@pondpilot/kernel';
import { DataType, type Data } from 'apache-arrow';

/** Rows that one batch may have: null columns have no bytes that would tell. */
const MOST_ROWS = 10_000_000;

/**
 * Makes sure that a column's buffers hold as many values as it says, in all its parts: a few bytes can claim billions.
 * Throws `invalid_argument`.
 */
export function checkData(data: Data, length = data.length): void {
  if (length > MOST_ROWS) throw tooShort('has too many rows: send them in several batches');
  const { type, children } = data;
  if (DataType.isNull(type)) return;
  if (DataType.isStruct(type)) return children.forEach((child) => checkChild(child, length));
  if (DataType.isFixedSizeList(type))
    return children.forEach((child) => checkChild(child, length * type.listSize));
  if (DataType.isUnion(type)) return checkUnion(data, length);
  if (DataType.isBool(type)) return require(bytesOf(data.values) * 8 >= length);
  if (data.valueOffsets) return checkOffsets(data, length);
  const values = data.values as ArrayLike<unknown> | undefined;
  const widths = DataType.isFixedSizeBinary(type) ? type.byteWidth : data.stride;
  require((values?.length ?? 0) >= length * (isView(type) ? VIEW_BYTES : widths));
}

const VIEW_BYTES = 16;

function isView(type: DataType): boolean {
  return DataType.isUtf8View(type) || DataType.isBinaryView(type);
}

function checkChild(child: Data, length: number): void {
  require(child.length >= length);
  checkData(child);
}

function checkOffsets(data: Data, length: number): void {
  const offsets = data.valueOffsets as Int32Array | BigInt64Array;
  if (length === 0) return;
  require(offsets.length > length);
  const [items] = data.children;
  const end = Number(offsets[length]);
  require(end >= 0 && end <= (items ? items.length : bytesOf(data.values)));
  if (items) checkData(items);
}

function checkUnion(data: Data, length: number): void {
  require((data.typeIds as ArrayLike<number>).length >= length);
  const dense = DataType.isDenseUnion(data.type);
  if (dense) require((data.valueOffsets as ArrayLike<number>).length >= length);
  for (const child of data.children) checkData(child, dense ? child.length : length);
}

function bytesOf(values: unknown): number {
  return (values as Uint8Array | undefined)?.byteLength ?? 0;
}

function require(holds: boolean): void {
  if (!holds) throw tooShort('has fewer values than it says');
}

function tooShort(what: string): DomainError {
  return new DomainError('invalid_argument', `The parameters are no valid Arrow stream: a column ${what}.`);
}
