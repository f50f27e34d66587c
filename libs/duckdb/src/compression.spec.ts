import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as flatbuffers from 'flatbuffers';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import type { Compression } from './arrow/compress-body.js';
import { Database } from './database.js';
import { duckdbLibraryPath } from './library-path.js';
import type { Session } from './session.js';

/** What one message of a result says and holds. */
interface Sent {
  readonly dictionary: boolean;
  readonly zstd: boolean;
  readonly bodyBytes: number;
  /** Digests of the buffers as the receiver has them, decompressed. */
  readonly buffers: readonly string[];
}

let directory: string;
let database: Database;
let session: Session;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'compression-spec-'));
  database = await Database.open({
    duckdbLibrary: duckdbLibraryPath(),
    memoryBytes: 512 * 1024 ** 2,
    cpus: 1,
    tempDirectory: join(directory, 'spill'),
    extensionDirectory: undefined,
    onCrash: (error) => {
      throw error;
    },
    threadEntry: new URL('../dist/worker/thread.js', import.meta.url),
  });
  session = await database.openSession();
});

afterAll(async () => {
  await session.close();
  await database.close();
  rmSync(directory, { recursive: true, force: true });
});

async function send(sql: string, compression: Compression): Promise<Sent[]> {
  const result = await session.execute(sql, { compression });
  const sent: Sent[] = [];
  for (let message = await result.next(); message; message = await result.next()) {
    const { buffer, headerStart, headerBytes, bodyStart, bodyBytes } = message;
    const header = buffer.subarray(headerStart, headerStart + headerBytes);
    sent.push(read(header, Buffer.from(buffer.subarray(bodyStart, bodyStart + bodyBytes))));
    message.release();
  }
  await result.close();
  return sent;
}

function read(header: Buffer, body: Buffer): Sent {
  const message = Message.getRootAsMessage(new flatbuffers.ByteBuffer(header));
  const dictionary = message.headerType() === MessageHeader.DictionaryBatch;
  const batch = dictionary
    ? (message.header(new DictionaryBatch()) as DictionaryBatch).data()!
    : (message.header(new RecordBatch()) as RecordBatch);
  const zstd = batch.compression()?.codec() === CompressionType.ZSTD;
  const buffers = Array.from({ length: batch.buffersLength() }, (_, i) => {
    const place = batch.buffers(i)!;
    expect(Number(place.offset()) % 8).toBe(0);
    const bytes = body.subarray(Number(place.offset()), Number(place.offset() + place.length()));
    return digest(zstd ? decompressed(bytes) : bytes);
  });
  expect(message.bodyLength()).toBe(BigInt(body.byteLength));
  return { dictionary, zstd, bodyBytes: body.byteLength, buffers };
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** As the IPC format has it: the length, -1 where the bytes are plain. */
function decompressed(buffer: Buffer): Buffer {
  if (buffer.byteLength === 0) return buffer;
  const length = buffer.readBigInt64LE(0);
  const bytes = buffer.subarray(8);
  if (length === -1n) return bytes;
  const plain = zstdDecompressSync(bytes);
  expect(BigInt(plain.byteLength)).toBe(length);
  return plain;
}

describe('compression', () => {
  it('keeps every buffer and makes the bodies smaller', async () => {
    const sql = `SELECT i, CASE WHEN i % 3 > 0 THEN 'text ' || i END AS s, [i, i + 1] AS l FROM range(60000) AS r (i) ORDER BY i`;
    const [plain, small] = [await send(sql, 'none'), await send(sql, 'zstd')];
    expect(small.map(({ zstd }) => zstd)).toEqual(plain.map(() => true));
    expect(small.map(({ buffers }) => buffers)).toEqual(plain.map(({ buffers }) => buffers));
    small.forEach(({ bodyBytes }, i) => expect(bodyBytes).toBeLessThan(plain[i]!.bodyBytes / 2));
  });

  it('leaves buffers alone that it makes no smaller', async () => {
    const sql = `SELECT md5_number(i::VARCHAR) AS noise, i % 7 = 0 AS few FROM range(2048) AS r (i)`;
    const [[plain], [small]] = [await send(sql, 'none'), await send(sql, 'zstd')];
    expect(small!.zstd).toBe(true);
    expect(small!.buffers).toEqual(plain!.buffers);
  });

  it('compresses dictionaries', async () => {
    const values = Array.from({ length: 2000 }, (_, i) => `'value ${i}'`).join(', ');
    const sql = `SELECT 'value 1'::ENUM(${values}) AS e`;
    const [[plain], [small, batch]] = [await send(sql, 'none'), await send(sql, 'zstd')];
    expect(small).toMatchObject({ dictionary: true, zstd: true });
    expect(small!.buffers).toEqual(plain!.buffers);
    expect(small!.bodyBytes).toBeLessThan(plain!.bodyBytes);
    expect(batch).toMatchObject({ dictionary: false, zstd: false });
  });

  it('leaves small batches as they are', async () => {
    expect(await send('SELECT 42 AS answer', 'zstd')).toEqual(await send('SELECT 42 AS answer', 'none'));
  });

  it('compresses a batch of one row that is larger than the memory for usual ones', async () => {
    const sql = `SELECT repeat('0123456789', 500000) AS s`;
    const [[plain], [small]] = [await send(sql, 'none'), await send(sql, 'zstd')];
    expect(small!.buffers).toEqual(plain!.buffers);
    expect(small!.bodyBytes).toBeLessThan(10_000);
  });
});
