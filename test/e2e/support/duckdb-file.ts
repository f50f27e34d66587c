import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** A DuckDB file starts with a block of 4 KiB: its checksum, `DUCK`, and the version of the format. */
const HEADER_BYTES = 4096;
const CHECKSUM_BYTES = 8;
const VERSION_OFFSET = 12;

/** Makes a DuckDB file claim another version of the storage format (https://duckdb.org/docs/stable/internals/storage). */
export function setStorageVersion(path: string, version: bigint): void {
  const file = openSync(path, 'r+');
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    readSync(file, header, 0, HEADER_BYTES, 0);
    if (checksum(header) !== header.readBigUInt64LE(0))
      throw new Error(`${path} has another kind of header.`);
    header.writeBigUInt64LE(version, VERSION_OFFSET);
    header.writeBigUInt64LE(checksum(header), 0);
    writeSync(file, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(file);
  }
}

/** DuckDB's checksum of a block: its 64-bit words, each multiplied, combined by exclusive or. */
function checksum(block: Buffer): bigint {
  let sum = 5381n;
  for (let at = CHECKSUM_BYTES; at < block.length; at += 8)
    sum ^= BigInt.asUintN(64, block.readBigUInt64LE(at) * 0xbf58476d1ce4e5b9n);
  return sum;
}
