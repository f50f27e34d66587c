import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
import { encodeGrpcMessage, errorTrailers, statusTrailers } from './status.js';

describe('encodeGrpcMessage', () => {
  it.each([
    ['plain text', 'plain text'],
    ['50%', '50%25'],
    ['a\nb\tc', 'a%0Ab%09c'],
    ['é€😀', '%C3%A9%E2%82%AC%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
  ])('%j', (text, encoded) => expect(encodeGrpcMessage(text)).toBe(encoded));

  it('cuts long messages between characters', () => {
    const encoded = encodeGrpcMessage('€'.repeat(10_000));
    expect(encoded.length).toBeLessThanOrEqual(4099);
    expect(decodeURIComponent(encoded)).toMatch(/^€+\.\.\.$/);
  });
});

describe('trailers', () => {
  it('tell an error, and how long to wait in the headers of gRPC and of HTTP', () => {
    const full = new DomainError('resource_exhausted', '100 % full', { retryAfterMs: 1500 });
    expect(errorTrailers(full)).toEqual({
      'grpc-status': '8',
      'grpc-message': '100 %25 full',
      'grpc-retry-pushback-ms': '1500',
      'retry-after': '2',
    });
  });

  it('never tell the text of what nobody foresaw', () => {
    const trailers = errorTrailers(new Error('password=hunter2'));
    expect(trailers['grpc-status']).toBe('13');
    expect(trailers['grpc-message']).not.toContain('hunter2');
  });

  it('have no message where there is none', () => {
    expect(statusTrailers({ code: 0, message: '' })).toEqual({ 'grpc-status': '0' });
  });
});
