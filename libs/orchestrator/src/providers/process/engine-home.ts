import { chmod, chown, mkdir, rm } from 'node:fs/promises';
import type { StateDirectory } from './state-directory.js';
import type { UserPool } from './user-pool.js';

/** An engine's own folder and, where engines have one, its own user. */
export interface EngineHome {
  readonly folder: string;
  /** User and group id; undefined where engines run as the proxy's own user. */
  readonly user: number | undefined;
  /** To be called once nothing of the engine runs any more. */
  remove(): Promise<void>;
}

/** Makes both; leaves nothing where it throws. */
export async function makeHome(
  state: StateDirectory,
  users: UserPool | undefined,
  engineId: string,
): Promise<EngineHome> {
  const folder = state.engineFolder(engineId);
  const removeFolder = () => rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  if (!users) return { folder, user: undefined, remove: removeFolder };
  try {
    const user = await settle(folder, users);
    const remove = async () => {
      await removeFolder();
      users.giveBack(user);
    };
    return { folder, user, remove };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Gives the folder to a free user. Two proxies that picked the same one both see it and pick again. */
async function settle(folder: string, users: UserPool): Promise<number> {
  for (;;) {
    const user = await users.take();
    try {
      await chown(folder, user, user);
      if (await users.isAlone(user)) return user;
    } catch (error) {
      users.giveBack(user);
      throw error;
    }
    await chown(folder, 0, 0);
    users.giveBack(user);
  }
}
