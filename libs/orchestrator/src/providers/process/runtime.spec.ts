import { lstat, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { stageRuntime } from './runtime.js';
import { StateDirectory } from './state-directory.js';

let scratch = '';
beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'runtime-spec-'));
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

describe('staging', () => {
  it('takes the file behind a link, as npm makes them for programs', async () => {
    const folder = join(scratch, 'bin');
    await mkdir(folder);
    const [real, node] = [join(folder, 'real-node'), join(folder, 'node')];
    await writeFile(real, '', { mode: 0o755 });
    await truncate(real, 20 * 1024 * 1024); // large enough to be linked, not copied
    await symlink('real-node', node);
    const [entry, duckdbLibrary] = [join(scratch, 'engine.mjs'), join(scratch, 'libduckdb.so')];
    for (const file of [entry, duckdbLibrary]) await writeFile(file, 'x');
    const state = new StateDirectory(join(scratch, 'state'));
    await mkdir(state.folder, { recursive: true });
    const options = {
      node,
      entry,
      duckdbLibrary,
      stateDirectory: state.path,
      startTimeoutMs: 1,
      answerTimeoutMs: 1,
    };
    const staged = await lstat((await stageRuntime(options, state)).node);
    expect([staged.isFile(), staged.size]).toEqual([true, 20 * 1024 * 1024]);
  });
});
