import { randomInt } from 'node:crypto';

/**
 * Where engines' networks lie: 198.18.0.0/15, which RFC 2544 sets aside for tests of network devices, so that it collides
 * with nobody's databases. Docker's own pools end at about thirty networks.
 */
const FIRST = 0xc6_12_00_00;
const BITS = 17;
/** The network's, the gateway's and the broadcast address. */
const RESERVED = 3;
const SMALLEST_BITS = 3;

/** A subnet at random that has room for so many containers, e.g. `198.18.4.8/29`. */
export function randomSubnet(containers: number): string {
  const bits = Math.max(SMALLEST_BITS, Math.ceil(Math.log2(containers + RESERVED)));
  const start = FIRST + randomInt(2 ** (BITS - bits)) * 2 ** bits;
  return `${[24, 16, 8, 0].map((shift) => (start >>> shift) & 255).join('.')}/${32 - bits}`;
}
