import { describe, expect, it } from '@jest/globals';
import { fromRaw, isGrpc, listSize, passOn } from './headers.js';

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
      'x-own-b': '3',
      'x-own-c': ['4', '5'],
    };
    const dropped = { dropHeaders: ['authorization'], dropPrefix: 'x-own-' };
    expect(passOn(headers, dropped)).toEqual({ 'x-a': ['1', '2'] });
  });

  it('counts their size as HTTP/2 does', () => {
    expect(listSize([':path', '/p', 'x-a', '12345'])).toBe(5 + 2 + 32 + 3 + 5 + 32);
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
