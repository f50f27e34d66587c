import { describe, expect, it } from '@jest/globals';
import { BlockList } from 'node:net';
import { randomSubnet } from './subnets.js';

const TRIES = 2000;

function parsed(subnet: string) {
  const [address, bits] = subnet.split('/') as [string, string];
  const first = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { address, first, size: 2 ** (32 - Number(bits)) };
}

const dotted = (address: number) => [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');

const range = new BlockList();
range.addSubnet('198.18.0.0', 15);

describe('randomSubnet', () => {
  it.each([1, 3, 5, 6, 13, 14, 100, 1000])('has room for %d containers, and not much more', (containers) => {
    const { size } = parsed(randomSubnet(containers));
    // The network's own, the gateway's and the broadcast address.
    const wanted = containers + 3;
    expect(size).toBeGreaterThanOrEqual(wanted);
    expect(size).toBeLessThan(Math.max(16, wanted * 2));
  });

  it.each([3, 5, 6, 40])(
    'begins where one of its size may, and never leaves its range (%d)',
    (containers) => {
      for (let left = TRIES; left > 0; left -= 1) {
        const subnet = randomSubnet(containers);
        const { address, first, size } = parsed(subnet);
        expect(first % size).toBe(0);
        expect(range.check(address)).toBe(true);
        expect(range.check(dotted(first + size - 1))).toBe(true);
      }
    },
  );

  it('makes use of all of its range', () => {
    const starts = Array.from({ length: TRIES }, () => parsed(randomSubnet(3)).first);
    const lowest = parsed('198.18.0.0/15').first;
    // Thousands of small networks fit: two thousand tries find a good part of them, at both ends.
    expect(new Set(starts).size).toBeGreaterThan(TRIES / 2);
    expect(Math.min(...starts) - lowest).toBeLessThan(2 ** 13);
    expect(lowest + 2 ** 17 - Math.max(...starts)).toBeLessThan(2 ** 13);
  });
});
