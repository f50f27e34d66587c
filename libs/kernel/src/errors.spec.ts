import { describe, expect, it } from '@jest/globals';
import { DomainError, grpcStatus, httpStatus, messageOf, toDomainError } from './errors.js';

describe('DomainError', () => {
  it('carries kind, message, cause and when to try again', () => {
    const cause = new Error('inside');
    const error = new DomainError('unavailable', 'Not now.', { cause, retryAfterMs: 500 });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'DomainError',
      kind: 'unavailable',
      message: 'Not now.',
      retryAfterMs: 500,
    });
    expect(error.cause).toBe(cause);
  });

  it('has no cause where there is none', () => {
    expect('cause' in new DomainError('internal', 'x')).toBe(false);
  });
});

describe('the two maps of kinds', () => {
  it('cover the same kinds', () => {
    expect(Object.keys(grpcStatus).toSorted()).toEqual(Object.keys(httpStatus).toSorted());
  });

  it('give each kind a gRPC code of its own, and an HTTP error', () => {
    const codes = Object.values(grpcStatus);
    expect(new Set(codes).size).toBe(codes.length);
    for (const status of Object.values(httpStatus)) expect(status >= 400 && status < 600).toBe(true);
  });

  it.each([
    ['unauthenticated', 16, 401],
    ['permission_denied', 7, 403],
    ['resource_exhausted', 8, 429],
    ['invalid_argument', 3, 400],
    ['unavailable', 14, 503],
    ['cancelled', 1, 499],
  ] as const)('%s is %i over gRPC and %i over HTTP', (kind, grpc, http) => {
    expect([grpcStatus[kind], httpStatus[kind]]).toEqual([grpc, http]);
  });
});

describe('toDomainError', () => {
  it('passes domain errors through', () => {
    const error = new DomainError('not_found', 'x');
    expect(toDomainError(error)).toBe(error);
  });

  it.each([new Error('password=hunter2'), 'password=hunter2', undefined])(
    'shows nothing of what nobody foresaw, and keeps it as the cause',
    (thrown) => {
      const error = toDomainError(thrown);
      expect(error.kind).toBe('internal');
      expect(error.message).not.toContain('hunter2');
      expect(error.cause).toBe(thrown);
    },
  );
});

describe('messageOf', () => {
  it.each([
    [new Error('an error'), 'an error'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [{ toString: (): string => 'an object' }, 'an object'],
  ])('of %p', (thrown, message) => expect(messageOf(thrown)).toBe(message));
});
