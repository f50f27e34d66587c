import { mkdtempSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessProviderOptions } from '@pondpilot/orchestrator';
import type { FakeEngineBehaviour } from './behaviours.js';
import { bundleFakeEngine } from './bundle.js';

/** A new folder that engines of any user can pass; its maker removes it. */
export async function makeScratch(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'process-provider-'));
  await chmod(folder, 0o711);
  return folder;
}

/** Options of a `process` provider for a fake engine, all of it in `scratch`. The program lies where only its owner may look. */
export async function fakeEngineOptions(
  scratch: string,
  behaviour: FakeEngineBehaviour,
): Promise<ProcessProviderOptions> {
  const program = join(scratch, 'program');
  await mkdir(program, { recursive: true, mode: 0o700 });
  const duckdbLibrary = join(program, 'libduckdb.so');
  await writeFile(duckdbLibrary, 'stands for the library');
  return {
    node: process.execPath,
    entry: bundleFakeEngine(behaviour, program),
    duckdbLibrary,
    stateDirectory: join(scratch, 'state'),
    startTimeoutMs: 30_000,
    answerTimeoutMs: 10_000,
  };
}
