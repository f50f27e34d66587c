import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Does `work` unless the file `stamp` says that it was done with this fingerprint. Tells whether it was done now. */
export async function oncePer(stamp, fingerprint, work) {
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) return false;
  rmSync(stamp, { force: true });
  await work();
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, fingerprint());
  return true;
}

export const sha256 = (...parts) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

const skipped = new Set(['node_modules', 'dist', '.git', '.cache', '.pondpilot']);

/** Path, size and time of every file in these folders: changes when one of them does. */
export function fingerprintOf(paths) {
  const lines = [];
  const visit = (path) => {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats) return;
    if (!stats.isDirectory()) {
      lines.push(`${path} ${stats.size} ${stats.mtimeMs}`);
      return;
    }
    for (const name of readdirSync(path).toSorted()) if (!skipped.has(name)) visit(join(path, name));
  };
  for (const path of paths) visit(path);
  return sha256(lines.join('\n'));
}
