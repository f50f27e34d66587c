import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '@pondpilot/config';
import { makeScratch, RecordedLog } from '@pondpilot/testing';
import { dockerThere, makeDockerProvider } from './docker-provider.js';

let scratch: string;
beforeEach(async () => {
  scratch = await makeScratch();
});
afterEach(() => rm(scratch, { recursive: true, force: true }));

describe('dockerThere', () => {
  it('goes by the socket, or by DOCKER_HOST', async () => {
    const socket = join(scratch, 'docker.sock');
    expect(dockerThere({}, socket)).toBe(false);
    expect(dockerThere({ DOCKER_HOST: 'tcp://docker:2375' }, socket)).toBe(true);
    await writeFile(socket, '');
    expect(dockerThere({}, socket)).toBe(true);
    expect(dockerThere({ DOCKER_HOST: '' }, socket)).toBe(true);
  });

  // Nobody may write to it, root neither; files of the disk stop root from nothing.
  it('takes no socket that it may not use', () =>
    expect(dockerThere({}, '/proc/sys/kernel/ostype')).toBe(false));
});

describe('a Docker that can not be used', () => {
  const before = process.env['DOCKER_HOST'];
  beforeEach(() => void (process.env['DOCKER_HOST'] = `unix://${join(scratch, 'none.sock')}`));
  afterEach(() => {
    if (before === undefined) delete process.env['DOCKER_HOST'];
    else process.env['DOCKER_HOST'] = before;
  });

  it.each<[string, boolean, RegExp]>([
    [
      'nobody has named, with how to do without',
      true,
      /, or set ORCHESTRATOR=process \(containers\.provider\)\.$/,
    ],
    ['is wanted, with how to have it', false, /, or set DOCKER_HOST\.$/],
  ])('is told to who %s', async (_who, auto, problem) => {
    const config = loadConfig({
      env: { JWT_SECRET: 'x'.repeat(32) },
      cwd: '/nonexistent',
      rootFile: '/nonexistent',
    });
    const provider = await makeDockerProvider(config, new RecordedLog(), auto);
    expect(await provider.check()).toMatchObject({ usable: false, problem: expect.stringMatching(problem) });
  });
});
