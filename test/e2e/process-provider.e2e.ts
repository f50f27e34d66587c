import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll } from '@jest/globals';
import { duckdbLibraryPath } from '@pondpilot/duckdb';
import { ProcessProvider, defaultStateDirectory } from '@pondpilot/orchestrator';
import { describeProvider, type ProviderUnderTest } from '@pondpilot/orchestrator/contract';
import { enginePid, smallSpec } from '@pondpilot/testing';

const bundle = resolve('apps/engine/dist/bundle');
const scratch = mkdtempSync(join(tmpdir(), 'provider-e2e-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

async function make(duckdbLibrary: string): Promise<ProviderUnderTest> {
  return {
    provider: new ProcessProvider({
      node: process.execPath,
      entry: join(bundle, 'engine.mjs'),
      files: ['worker', 'chunks', 'node_modules'].map((name) => join(bundle, name)),
      duckdbLibrary,
      stateDirectory: defaultStateDirectory(),
      startTimeoutMs: 30_000,
      answerTimeoutMs: 10_000,
    }),
    spec: smallSpec,
    kill: (engineId) => void process.kill(enginePid(engineId)!, 'SIGKILL'),
  };
}

describeProvider('process, with the real engine', {
  make: () => make(duckdbLibraryPath()),
  makeFailing: () => {
    const noLibrary = join(scratch, 'libduckdb.so');
    writeFileSync(noLibrary, 'not a library');
    return make(noLibrary);
  },
});
