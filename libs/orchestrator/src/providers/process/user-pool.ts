import { DomainError } from '@pondpilot/kernel';
import { randomInt } from 'node:crypto';
import { idsInUse } from './proc.js';

/** The range that systemd gives to users that exist only while a service runs; no person's account lies in it. */
export const FIRST_USER = 61_184;
export const LAST_USER = 65_519;

/** Users without a name or account, one for each engine: user and group have the same number. */
export class UserPool {
  private readonly taken = new Set<number>();

  /** `elsewhere` tells which users own folders of engines, those of other proxies on this machine included. */
  constructor(private readonly elsewhere: () => Promise<number[]>) {}

  /** A user that no process, no folder of an engine and no other engine has. Throws `unavailable` where none is left. */
  async take(): Promise<number> {
    const owners = await this.elsewhere();
    // No pause from here on: two engines that start at once must not see the same user as free.
    const used = new Set([...owners, ...idsInUse(), ...this.taken]);
    const free = firstFree(used, randomInt(FIRST_USER, LAST_USER + 1));
    if (free === undefined) {
      throw new DomainError('unavailable', 'No engine could be started.', {
        cause: new Error(`All user ids from ${FIRST_USER} to ${LAST_USER} are in use on this machine.`),
      });
    }
    this.taken.add(free);
    return free;
  }

  /** Another proxy may have taken the same user in the same moment: asked once the engine's own folder shows it. */
  async isAlone(user: number): Promise<boolean> {
    return (await this.elsewhere()).filter((owner) => owner === user).length <= 1;
  }

  giveBack(user: number): void {
    this.taken.delete(user);
  }
}

function firstFree(used: Set<number>, start: number): number | undefined {
  const size = LAST_USER - FIRST_USER + 1;
  for (let step = 0; step < size; step += 1) {
    const user = FIRST_USER + ((start - FIRST_USER + step) % size);
    if (!used.has(user)) return user;
  }
  return undefined;
}
