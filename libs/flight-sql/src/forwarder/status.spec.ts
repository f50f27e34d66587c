import { describe, expect, it } from '@jest/globals';
import { formatGrpcTimeout, parseGrpcTimeout } from '../protocol/grpc-timeout.js';
import { isGrpc, fromRaw, passOn } from './headers.js';
import { encodeMessage } from './status.js';

describe('encodeMessage', () => {
  it.each([
    ['plain text', 'plain text'],
    ['50%', '50%25'],
    ['a\nb\tc', 'a%0Ab%09c'],
    ['é€😀', '%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j', (text, encoded) => expect(encodeMessage(text)).toBe(encoded));

  it('cuts long messages between characters', () => {
    const encoded = encodeMessage('€'.repeat(10_000));
    expect(encoded.length).toBeLessThanOrEqual(4099);
    expect(decodeURIComponent(encoded)).toMatch(/^€+\.\.\.$/);
  });
});

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

describe('headers', () => {
  it('keeps values that came several times', () => {
    const raw = [':path', '/p', 'a', '1', 'set-cookie', 'x', 'a', '2', 'a', '3'];
    expect({ ...fromRaw(raw) }).toEqual({ ':path': '/p', a: ['1', '2', '3'], 'set-cookie': 'x' });
  });

  it('drops what means one hop, and what the route says', () => {
    const headers = {
      ':path': '/p',
      te: 'trailers',
      connection: 'x',
      host: 'h',
      authorization: 'b',
      'x-a': ['1', '2'],
    };
    expect(passOn(headers, ['Authorization'])).toEqual({ 'x-a': ['1', '2'] });
  });

  it.each([
    ['application/grpc', true],
    ['application/grpc+proto', true],
    ['application/grpc;charset=utf-8', true],
    ['application/grpc-web', false],
    ['text/html', false],
    [undefined, false],
  ])('content-type %s is gRPC: %s', (type, yes) => expect(isGrpc(type)).toBe(yes));
});
