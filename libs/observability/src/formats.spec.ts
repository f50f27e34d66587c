import { describe, expect, it } from '@jest/globals';
import { formatLogfmt, formatPretty, logStream } from './formats.js';

const spawned = {
  level: 'info',
  time: '2026-01-02T03:04:05.678Z',
  user_id: 'abc123',
  container_id: 'def456',
};

describe('logfmt', () => {
  it('has level, message and fields in this order, so that operators can grep, and the time at the end', () => {
    expect(formatLogfmt({ ...spawned, msg: 'Container spawned' })).toBe(
      'level=info msg="Container spawned" user_id=abc123 container_id=def456 time=2026-01-02T03:04:05.678Z',
    );
  });

  it('puts what the logger adds by itself behind the fields of the event', () => {
    const line = formatLogfmt({ level: 'warn', context: 'X', request_id: '1', msg: 'a b', user_id: 'u' });
    expect(line).toBe('level=warn msg="a b" user_id=u request_id=1 context=X');
  });

  it.each([
    ['plain', 'plain'],
    ['jürgen@example.org', 'jürgen@example.org'],
    ['', '""'],
    ['two words', '"two words"'],
    ['a=b', '"a=b"'],
    ['say "hi"', String.raw`"say \"hi\""`],
    ['back\\slash', String.raw`"back\\slash"`],
    ['x\nlevel=error msg=forged', String.raw`"x\nlevel=error msg=forged"`],
    ['x\r\u0085\u2028\u2029y', String.raw`"x\r\u0085\u2028\u2029y"`],
    ['\u001b[31mred', String.raw`"\u001b[31mred"`],
    ['\u202eevil', String.raw`"\u202eevil"`],
    ['\ud800', String.raw`"\ud800"`],
    ['no\u00a0break', '"no\u00a0break"'],
  ])('writes the user %j on one line', (user, expected) => {
    expect(formatLogfmt({ level: 'info', msg: 'm', user_id: user })).toBe(
      `level=info msg=m user_id=${expected}`,
    );
  });

  it('keeps a forged message or key on its line too', () => {
    const line = formatLogfmt({ level: 'info', msg: 'a\nlevel=error', 'k\n=x': 1 });
    expect(line).toBe(String.raw`level=info msg="a\nlevel=error" k__x=1`);
  });

  it('spreads objects, writes lists as JSON and errors by message and stack', () => {
    const line = formatLogfmt({
      level: 'error',
      msg: 'm',
      a: { b: 1, c: { d: null } },
      list: [1, 'x'],
      err: { message: 'no way', stack: 'E\n  at' },
    });
    expect(line).toBe(
      String.raw`level=error msg=m a.b=1 a.c.d=null list="[1,\"x\"]" error="no way" stack="E\n  at"`,
    );
  });
});

it('writes pretty lines for people, equally unforgeable', () => {
  expect(formatPretty({ ...spawned, msg: 'Container\nspawned' })).toBe(
    String.raw`03:04:05.678 INFO  Container\nspawned user_id=abc123 container_id=def456`,
  );
});

it('hands JSON on as it comes', () => {
  const lines: string[] = [];
  logStream('json', (line) => lines.push(line)).write('{"level":"info"}\n');
  expect(lines).toEqual(['{"level":"info"}\n']);
});
