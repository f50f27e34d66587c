import { describe, expect, it } from '@jest/globals';
import { idsInUse } from './proc.js';
import { FIRST_USER, LAST_USER, UserPool } from './user-pool.js';

const SIZE = LAST_USER - FIRST_USER + 1;
const range = (from: number, length: number) => Array.from({ length }, (_none, index) => from + index);

describe('UserPool', () => {
  it('gives users that start at once different ids of its range', async () => {
    const pool = new UserPool(async () => []);
    const taken = await Promise.all(range(0, 200).map(() => pool.take()));
    expect(new Set(taken).size).toBe(200);
    for (const user of taken) expect(user >= FIRST_USER && user <= LAST_USER).toBe(true);
  });

  it('gives none that owns a folder of an engine or has a process', async () => {
    const free = range(FIRST_USER, SIZE).findLast((user) => !idsInUse().has(user))!;
    const others = range(FIRST_USER, SIZE).filter((user) => user !== free);
    const pool = new UserPool(async () => others);
    expect(await pool.take()).toBe(free);
    await expect(pool.take()).rejects.toMatchObject({ kind: 'unavailable' });
    pool.giveBack(free);
    expect(await pool.take()).toBe(free);
  });

  it('sees that another proxy has picked the same user', async () => {
    const owners: number[] = [];
    const pool = new UserPool(async () => owners);
    const user = await pool.take();
    owners.push(user);
    expect(await pool.isAlone(user)).toBe(true);
    owners.push(user);
    expect(await pool.isAlone(user)).toBe(false);
  });
});
