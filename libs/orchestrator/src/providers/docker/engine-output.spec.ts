import { beforeEach, describe, expect, it } from '@jest/globals';
import { PassThrough, type Duplex } from 'node:stream';
import { redactor } from '../common/redact.js';
import { frame, server, until } from './docker.harness.js';
import { EngineOutput } from './engine-output.js';

const LONG_MS = 30_000;
const never = new Promise<never>(() => {});
const ready = { event: 'ready', port: 8815, controlPort: 8816 };

let stream: Duplex;
let output: EngineOutput;
let lines: string[];
let steps: string[];

beforeEach(() => {
  stream = new PassThrough();
  [lines, steps] = [[], []];
  output = new EngineOutput(stream, {
    clean: redactor(['planted-control'], [server('postgres://ann:planted%2Done@db.example/sales')]),
    onLine: (line) => lines.push(line),
    onStep: (step) => steps.push(step),
  });
});

const report = (...reports: unknown[]) => {
  for (const each of reports) stream.write(frame(`${JSON.stringify(each)}\n`, 1));
};
const complain = (text: string) => stream.write(frame(`${text}\n`, 2));
const over = () => {
  stream.end();
  return output.over;
};

describe('what an engine reports', () => {
  it('are its steps, and its ports at last', async () => {
    report({ event: 'step', step: 'attaching' }, ready);
    expect(await output.ready(LONG_MS, never)).toEqual(ready);
    expect(steps).toEqual(['attaching']);
  });

  it('may be known before anybody asks', async () => {
    report(ready);
    await over();
    expect(await output.ready(LONG_MS, never)).toEqual(ready);
  });

  it('is not what it writes to standard error, nor what is no report', async () => {
    complain(JSON.stringify({ ...ready, port: 1 }));
    stream.write(frame('null\n7\n{"event":"other","port":2}\nno json\n', 1));
    report(ready);
    expect(await output.ready(LONG_MS, never)).toEqual(ready);
  });

  it.each([
    [{ port: 0 }],
    [{ port: 65_536 }],
    [{ port: '8815' }],
    [{ port: 1.5 }],
    [{ port: null }],
    [{ controlPort: -1 }],
    [{ controlPort: undefined }],
  ])('is refused where it is no port: %j', async (changed) => {
    report({ ...ready, ...changed });
    await expect(output.ready(LONG_MS, never)).rejects.toThrow('The engine reported ports that are none.');
  });

  it('is why it could not start, without the secrets that it was told', async () => {
    report({ event: 'failed', message: 'planted-one: planted-control, planted%2Done are wrong' });
    await expect(output.ready(LONG_MS, never)).rejects.toThrow(
      'The engine could not start: ***: ***, *** are wrong',
    );
  });

  it('is read however long it is, and told to a bounded length', async () => {
    report({ event: 'failed', message: `planted-one is wrong: ${'x'.repeat(50_000)}` });
    const failure = await output.ready(LONG_MS, never).catch((error: Error) => error.message);
    expect(failure).toMatch(/^The engine could not start: \*\*\* is wrong: x+$/);
    expect(String(failure).length).toBeLessThan(2100);
  });

  it('is awaited no longer than is allowed; what it last wrote is told', async () => {
    complain('busy');
    await until(() => lines.length > 0);
    await expect(output.ready(1, never)).rejects.toThrow(
      'The engine did not report its ports within 1 ms. It last wrote: busy',
    );
  });

  it('is not awaited any more once the launch is over', async () => {
    const aborted = Promise.reject(new Error('stopped'));
    await expect(output.ready(LONG_MS, aborted)).rejects.toThrow('stopped');
  });
});

describe('what an engine writes to standard error', () => {
  it('is told line by line, without secrets', async () => {
    complain('one');
    complain('planted-control and postgres://ann:planted%2Done@db.example/sales');
    await over();
    expect(lines).toEqual(['one', '*** and ***']);
    expect(output.quote()).toBe(' It last wrote: one\n*** and ***');
  });

  it('is kept to a bounded length: the last of it', async () => {
    for (let at = 0; at < 1000; at += 1) complain(`line ${at}`);
    complain('y'.repeat(100_000));
    complain('the end');
    await over();
    expect(output.lastWords.length).toBeLessThanOrEqual(600);
    expect(output.lastWords.endsWith('\nthe end')).toBe(true);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(2000);
  });

  it('holds no half secret where it is cut', async () => {
    const before = 'y'.repeat(1995);
    complain(`${before} planted-control`);
    complain(`${before} postgres://ann:planted%2Done@db.example/sales`);
    await over();
    expect(lines).toEqual([`${before} `, `${before} `]);
  });

  it('is quoted only where there is something', async () => {
    await over();
    expect(output.quote()).toBe('');
  });
});

describe('the end of the stream', () => {
  it('comes after all that was written', async () => {
    complain('last words');
    await over();
    expect(lines).toEqual(['last words']);
  });

  it.each([
    ['it is closed', () => output.close()],
    ['the connection fails', () => stream.destroy(new Error('read ECONNRESET'))],
  ])('is also told where %s', async (_how, end) => {
    end();
    await expect(output.over).resolves.toBeUndefined();
  });

  it('may have come when something is written to the engine', async () => {
    output.close();
    await output.over;
    expect(() => output.write('launch')).not.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
  });
});
