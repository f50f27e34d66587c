import { expect, it } from '@jest/globals';
import { ConfigError } from '@pondpilot/config';
import { DomainError } from '@pondpilot/kernel';
import { refusalLines } from './refuse.js';

it('has a line for each problem of the configuration', () => {
  expect(refusalLines(new ConfigError(['a: must be b', 'c: must be d']))).toEqual([
    'pondpilot-proxy: a: must be b',
    'pondpilot-proxy: c: must be d',
  ]);
});

it('has one line, without a stack, for what an operator can repair', () => {
  const error = new DomainError('failed_precondition', 'port 1 is taken; set PORT', {
    cause: new Error('EADDRINUSE'),
  });
  expect(refusalLines(error)).toEqual(['pondpilot-proxy: port 1 is taken; set PORT']);
});

it('keeps the stack of a fault of ours', () => {
  expect(refusalLines(new TypeError('oops'))[0]).toMatch(/^pondpilot-proxy: TypeError: oops\n\s+at /);
});
