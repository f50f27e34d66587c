import { describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { demultiplex } from './demultiplex.js';
import { frame } from './docker.harness.js';

/** What both streams have been given once all of these chunks came. */
async function parted(chunks: readonly Buffer[]): Promise<[string, string]> {
  const stream = new PassThrough();
  const parts = [new PassThrough(), new PassThrough()] as const;
  demultiplex(stream, ...parts);
  const texts = parts.map(async (part) => (await part.toArray()).join(''));
  for (const chunk of chunks) stream.emit('data', chunk);
  for (const part of parts) part.end();
  return (await Promise.all(texts)) as [string, string];
}

const both = Buffer.concat([frame('out', 1), frame('err', 2), frame('', 2), frame('more', 1)]);

describe('demultiplex', () => {
  it('parts what is written to standard output and to standard error', async () => {
    expect(await parted([both])).toEqual(['outmore', 'err']);
  });

  it('goes by frames, however they are cut', async () => {
    for (let size = 1; size < 12; size += 1) {
      const count = Math.ceil(both.length / size);
      const chunks = Array.from({ length: count }, (_, at) => both.subarray(at * size, (at + 1) * size));
      expect(await parted(chunks)).toEqual(['outmore', 'err']);
    }
  });

  it('passes on what has come of a frame that is not whole yet', async () => {
    expect(await parted([frame('half of it', 2).subarray(0, 12)])).toEqual(['', 'half']);
  });

  // Who has taken an engine over may write as it likes: one byte a write, many thousand to a chunk.
  it('bears any number of small frames at once', async () => {
    const [out, err] = await parted([Buffer.concat(Array.from({ length: 50_000 }, () => frame('x', 2)))]);
    expect([out, err.length]).toEqual(['', 50_000]);
  });
});
