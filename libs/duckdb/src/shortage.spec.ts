import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
import { shortageOf } from './shortage.js';

describe('shortageOf', () => {
  it.each([
    new RangeError('Array buffer allocation failed'),
    new RangeError('No memory for 16000000 bytes.'),
    new Error('Failed to allocate memory'),
    new DOMException('Data cannot be cloned, out of memory.', 'DataCloneError'),
  ])('tells of the limit: %s', (error) => {
    expect(shortageOf(error)).toMatchObject({
      kind: 'resource_exhausted',
      message: expect.stringContaining('(containers.memory_limit)'),
    });
  });

  it.each([
    new RangeError('Offset is outside the bounds of the DataView'),
    new DomainError('internal', 'The allocation failed'),
    'allocation failed',
  ])('knows nothing of others: %s', (error) => expect(shortageOf(error)).toBeUndefined());
});
