import { beforeEach, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import { ManualClock } from '@pondpilot/kernel';
import { firstLine } from './first-line.js';

let input: PassThrough;
let clock: ManualClock;
beforeEach(() => {
  input = new PassThrough();
  clock = new ManualClock(0);
});

/** Until what was written has been read. */
const read = () => new Promise((resolve) => setImmediate(resolve));

describe('firstLine', () => {
  it('is what comes before the first line end, in whatever pieces', async () => {
    const line = firstLine(input, clock);
    input.write('on');
    await read();
    input.write('e\ntwo\n');
    expect(await line).toBe('one');
  });

  it('is all there is where the stream ends before', async () => {
    const line = firstLine(input, clock);
    input.end('one');
    expect(await line).toBe('one');
  });

  it('is not awaited for ever where nobody is left to write it', async () => {
    const line = firstLine(input, clock);
    // Half of it does not count.
    input.write('{"id"');
    await read();
    clock.advance(59_999);
    const pending = Symbol('pending');
    expect(await Promise.race([line, Promise.resolve(pending)])).toBe(pending);
    clock.advance(1);
    await expect(line).rejects.toThrow('No launch settings came on standard input within 60 s.');
  });

  it('may be as slow as that, and is not late afterwards', async () => {
    const line = firstLine(input, clock);
    clock.advance(59_000);
    input.write('one\n');
    await read();
    clock.advance(60_000);
    expect(await line).toBe('one');
  });

  it('says why the stream could not be read', async () => {
    const line = firstLine(input, clock);
    input.destroy(new Error('read EIO'));
    await expect(line).rejects.toThrow('read EIO');
  });
});
