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

  it('tells which lines were cut', async () => {
    const stream = new PassThrough();
    const cuts: boolean[] = [];
    onLines(stream, 10, (_line, cut) => cuts.push(cut));
    stream.end(['x'.repeat(10), 'x'.repeat(11), 'x', 'y'.repeat(30)].join('\n'));
    await once(stream, 'end');
    expect(cuts).toEqual([false, true, false, true]);
  });

  it('keeps a character whole that two chunks share', async () => {
    const bytes = Buffer.from('é\n');
    expect(await linesOf([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual(['é']);
  });
});
