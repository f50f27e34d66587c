import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The first folder on the way to a path that users other than its owner and group can't pass. */
export async function closedParent(path: string): Promise<string | undefined> {
  const parents: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    parents.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of parents) {
    const found = await stat(folder).catch(() => undefined);
    if (found && (found.mode & 0o001) === 0) return folder;
  }
  return undefined;
}
