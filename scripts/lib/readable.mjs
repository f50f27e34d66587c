import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

const readableByAll = '/var/lib/pondpilot-proxy';

/**
 * Makes the folder for files that engines read. As root, engines run under users of their own, who can't see into a
 * folder such as /root: then it lies below /var/lib/pondpilot-proxy, and that is said.
 */
export function folderForEngines(name, preferred) {
  if (process.getuid?.() !== 0) return made(preferred);
  if (othersMayEnter(made(preferred))) return preferred;
  const folder = join(readableByAll, name);
  console.log(`  Engines can't see into this folder, so the ${name} lie in ${folder}.`);
  return made(folder);
}

/** Open to all, whatever the umask. */
function made(folder) {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o755);
  return folder;
}

function othersMayEnter(path) {
  return (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || othersMayEnter(dirname(path)));
}
