import { createHmac } from 'node:crypto';

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token as any issuer would make it (RFC 7519), by hand: it must not depend on the product's own code. */
export function signToken(claims: Record<string, unknown>, secret: string): string {
  const body = `${encoded({ alg: 'HS256', typ: 'JWT' })}.${encoded(claims)}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}

/** Seconds since 1970, this many seconds from now. */
export const secondsFromNow = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;
