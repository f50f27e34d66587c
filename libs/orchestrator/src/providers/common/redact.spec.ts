import { describe, expect, it } from '@jest/globals';
import { redactor } from './redact.js';

const database = (connectionString: string) =>
  ({ alias: 'db', type: 'postgres', connectionString, readOnly: true }) as const;

describe('redactor', () => {
  it.each([
    [
      'postgres://ada:s%40cret-1@host/db',
      'auth failed for "s@cret-1" or s%40cret-1',
      'auth failed for "***" or ***',
    ],
    ["host=h password='two words' user=u", 'password is two words', 'password is ***'],
    ['host=h password=plain-1 user=u', 'got plain-1', 'got ***'],
    ['mysql://u:pass-2@h/d?ssl=1', 'url mysql://u:pass-2@h/d?ssl=1', 'url ***'],
    ['host=h user=u', 'tried host=h user=u', 'tried ***'],
  ])('blots the secrets of %s', (connectionString, text, expected) => {
    expect(redactor(['control-secret'], [database(connectionString)])(text)).toBe(expected);
  });

  it('blots the control secret, and leaves paths of file databases readable', () => {
    const file = { ...database('/data/shop.sqlite'), type: 'sqlite' } as const;
    expect(redactor(['control-secret'], [file])('control-secret /data/shop.sqlite')).toBe(
      '*** /data/shop.sqlite',
    );
  });

  const inTwo = redactor(['abc7', '7xyz'], [database('postgres://ada:s3cret-1@host/db')]);

  it.each([
    ['the password is s3cre', 'the password is '],
    ['tried postgres://ada:s3cre', 'tried '],
    // All of the password, and a part of the whole.
    ['tried postgres://ada:s3cret-1@ho', 'tried postgres://ada:***@ho'],
    ['got s3cret-1', 'got ***'],
    ['got abc7', 'got ***'],
    ['got 7', 'got '],
    ['all is well', 'all is well'],
    ['', ''],
  ])('leaves out what may be half a secret where a text was cut: %s', (text, expected) => {
    expect(inTwo(text, true)).toBe(expected);
  });

  it('keeps the end of a text that was not cut', () => expect(inTwo('table s3')).toBe('table s3'));
});
