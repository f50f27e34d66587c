import { describe, expect, it } from '@jest/globals';
import { MessageReader, frameMessage } from './grpc-frame.js';

describe('MessageReader', () => {
  const messages = ['', 'a', 'hello', 'x'.repeat(1000)].map((text) => Buffer.from(text));
  const stream = Buffer.concat(messages.map(frameMessage));

  it.each([1, 2, 4, 5, 7, 100, stream.byteLength])('finds messages in chunks of %i bytes', (size) => {
    const reader = new MessageReader(1000);
    const found: string[] = [];
    for (let at = 0; at < stream.byteLength; at += size)
      found.push(...reader.push(stream.subarray(at, at + size)).map(String));
    expect(found).toEqual(messages.map(String));
    expect(reader.incomplete).toBe(false);
  });

  it.each([4 * 1024 * 1024 - 1, 4 * 1024 * 1024, 9_000_000])('finds a message of %i bytes', (size) => {
    const message = Buffer.alloc(size, 'content');
    const reader = new MessageReader(10_000_000);
    const bytes = Buffer.concat([frameMessage(message), frameMessage(Buffer.from('next'))]);
    const found: Buffer[] = [];
    for (let at = 0; at < bytes.byteLength; at += 65_535)
      found.push(...reader.push(bytes.subarray(at, at + 65_535)));
    expect(found.map((each) => each.byteLength)).toEqual([size, 4]);
    expect(found[0]!.equals(message)).toBe(true);
  });

  it('puts messages into memory that was given back, and into more where they are larger', () => {
    const reader = new MessageReader(10_000_000);
    const read = (message: Buffer) => reader.push(frameMessage(message))[0]!;
    const first = read(Buffer.alloc(1000, 'first'));
    reader.reuse(first);
    const second = read(Buffer.alloc(600, 'second'));
    expect(second.equals(Buffer.alloc(600, 'second'))).toBe(true);
    expect(second.buffer).toBe(first.buffer);
    const third = read(Buffer.alloc(800, 'third'));
    expect(third.buffer).not.toBe(first.buffer);
    reader.reuse(second);
    reader.reuse(third);
    const large = Buffer.alloc(6_000_000, 'fourth');
    expect(read(large).equals(large)).toBe(true);
  });

  it('knows that a message is not complete', () => {
    const reader = new MessageReader(1000);
    expect(reader.push(frameMessage(Buffer.from('abc')).subarray(0, 6))).toEqual([]);
    expect(reader.incomplete).toBe(true);
  });

  it('refuses a message that is too large before it has come', () => {
    const head = Buffer.from([0, 0x7f, 0xff, 0xff, 0xff]);
    expect(() => new MessageReader(1000).push(head)).toThrow(
      expect.objectContaining({ kind: 'resource_exhausted' }),
    );
  });

  it('refuses compressed messages', () => {
    expect(() => new MessageReader(1000).push(Buffer.from([1, 0, 0, 0, 0]))).toThrow(
      expect.objectContaining({ kind: 'unimplemented' }),
    );
  });
});
