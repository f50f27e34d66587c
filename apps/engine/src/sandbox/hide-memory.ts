import koffi from 'koffi';

const PR_SET_DUMPABLE = 4;

/**
 * Keeps other processes of the same user out of this one's memory, environment and descriptors (prctl(2)): engines share
 * the proxy's user where that is not root. To be called before any secret is read. Does nothing where it is not known.
 */
export function hideMemory(): void {
  if (process.platform !== 'linux') return;
  const prctl = koffi.load('libc.so.6').func('prctl', 'int', ['int', 'ulong', 'ulong', 'ulong', 'ulong']);
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}
