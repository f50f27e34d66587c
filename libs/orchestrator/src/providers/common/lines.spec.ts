import { describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { onLines } from './lines.js';

async function linesOf(chunks: Array<string | Buffer>, maxLength = 10): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  onLines(stream, maxLength, (line) => lines.push(line));
  for (const chunk of chunks) stream.write(chunk);
  stream.end();
  await once(stream, 'end');
  return lines;
}

describe('onLines', () => {
  it('joins what comes in pieces and parts what comes together', async () => {
    expect(await linesOf(['on', 'e\ntwo\r\n\nthr', 'ee'])).toEqual(['one', 'two', 'three']);
  });

  it('cuts long lines, and reads on after their end', async () => {
    expect(await linesOf(['x'.repeat(15), 'x'.repeat(15), 'x\nnext\n'])).toEqual(['x'.repeat(10), 'next']);
  });

  it('keeps a character whole that two chunks share', async () => {
    const bytes = Buffer.from('é\n');
    expect(await linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['é']);
  });
});
