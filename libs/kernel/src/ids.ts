import { randomBytes, timingSafeEqual } from 'node:crypto';

/** A random id of `bytes` bytes in lower-case hexadecimal, e.g. for an engine or a statement. */
export function randomId(bytes = 8): string {
  return randomBytes(bytes).toString('hex');
}

/** A secret of 256 bits, fit for headers. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares without telling by its time where two texts differ. Their lengths are no secret. */
export function secretsEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
