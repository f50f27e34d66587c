import { describe, expect, it } from '@jest/globals';
import { formatGrpcTimeout, parseGrpcTimeout } from './grpc-timeout.js';

describe('grpc-timeout', () => {
  it.each([
    ['1S', 1000],
    ['250m', 250],
    ['2M', 120_000],
    ['1H', 3_600_000],
    ['1500u', 2],
    ['1n', 1],
    ['0m', 0],
    ['99999999H', undefined],
    ['123456789m', undefined],
    ['1', undefined],
    ['-1S', undefined],
    [undefined, undefined],
  ])('%s is %s ms', (text, ms) => expect(parseGrpcTimeout(text)).toBe(ms));

  it('never writes more than eight digits, nor zero', () => {
    expect([-3, 0.2, 1500, 1e8].map(formatGrpcTimeout)).toEqual(['1m', '1m', '1500m', '100000S']);
  });
});
