import { describe, expect, it } from '@jest/globals';
import { Claim } from './claim.js';

describe('Claim', () => {
  it('holds no secret before it is set', () => expect(new Claim().callSecret).toBeUndefined());

  it('may be repeated, but never changed', () => {
    const claim = new Claim();
    claim.set('me', 'secret');
    claim.set('me', 'secret');
    expect(() => claim.set('you', 'secret')).toThrow(
      expect.objectContaining({ kind: 'failed_precondition' }),
    );
    expect(() => claim.set('me', 'another')).toThrow(
      expect.objectContaining({ kind: 'failed_precondition' }),
    );
    expect(claim.callSecret).toBe('secret');
  });

  it('needs an owner and a secret', () => expect(() => new Claim().set('', '')).toThrow('needs an owner'));
});
