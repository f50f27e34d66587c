import { describe, expect, it } from '@jest/globals';
import type { JwtStrategy } from './jwt.strategy.js';
import type { Principal } from './principal.js';
import { TokenVerifier } from './token-verifier.js';

/** A strategy that takes every token, which ends at the given time, and counts. */
function verifierUntil(expiresAt: number) {
  const strategy = {
    asked: 0,
    authenticate(this: { success(principal: Principal): void }) {
      strategy.asked++;
      this.success({ userId: 'ada', demo: false, expiresAt });
    },
  };
  return { strategy, verifier: new TokenVerifier(strategy as unknown as JwtStrategy) };
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

describe('TokenVerifier', () => {
  it('verifies the same token once, and every other one', async () => {
    const { strategy, verifier } = verifierUntil(Date.now() + 600_000);
    for (const token of ['a.b.c', 'a.b.c', 'a.b.d', 'a.b.c'])
      expect((await verifier.verify(bearer(token))).userId).toBe('ada');
    expect(strategy.asked).toBe(2);
  });

  it('does not remember a token beyond its end', async () => {
    const { strategy, verifier } = verifierUntil(Date.now());
    for (const _ of [1, 2]) await verifier.verify(bearer('a.b.c'));
    expect(strategy.asked).toBe(2);
  });

  it('remembers no more than a bound', async () => {
    const { strategy, verifier } = verifierUntil(Date.now() + 600_000);
    for (let i = 0; i < 1001; i++) await verifier.verify(bearer(`t.${i}.s`));
    await verifier.verify(bearer('t.1000.s'));
    expect(strategy.asked).toBe(1001);
    await verifier.verify(bearer('t.0.s'));
    expect(strategy.asked).toBe(1002);
  });
});
