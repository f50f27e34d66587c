import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeScratch } from '@pondpilot/testing';
import type { Runtime } from '../runtime.js';
import { ATTACK } from './attack.harness.js';
import { firstStages, type FirstStage } from './first-stage.js';
import { Sandbox } from './sandbox.js';

const run = promisify(execFile);
const TEST_MS = 60_000;
/** The first stage that is Node's comes with the engine. */
const runtime: Runtime = {
  folder: undefined,
  node: process.execPath,
  entry: resolve('apps/engine/dist/bundle/engine.mjs'),
  duckdbLibrary: process.execPath,
  extensionDirectory: undefined,
};
const stages = firstStages(runtime.node, runtime.entry);
const onLinux = process.platform === 'linux' ? describe : describe.skip;

type Outcomes = Record<'main' | 'thread', Record<string, string>>;

let scratch = '';
let own = '';
const servers: Server[] = [];
let targets: object;
let databasePort = 0;

async function listen(on: number | string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((done) => server.listen(on, done));
  servers.push(server);
  return server;
}
const portOf = (server: Server) => (server.address() as AddressInfo).port;

beforeAll(async () => {
  scratch = await makeScratch();
  own = join(scratch, 'own');
  await mkdir(own);
  await writeFile(join(scratch, 'secret'), 'secret');
  await symlink(scratch, join(own, 'link'));
  await writeFile(join(own, 'attack.cjs'), ATTACK);
  const abstractName = `sandbox-spec-${process.pid}`;
  const [database, other, free] = [await listen(0), await listen(0), await listen(0)];
  await listen(`\0${abstractName}`);
  databasePort = portOf(database);
  const freePort = portOf(free);
  await new Promise((done) => free.close(done));
  targets = {
    outside: scratch,
    own,
    proxy: process.pid,
    allowedPort: databasePort,
    otherPort: portOf(other),
    freePort,
    abstractName,
  };
});
afterAll(async () => {
  for (const server of servers) server.close();
  await rm(scratch, { recursive: true, force: true });
});

/** How an attack ends, from the main thread and from a worker of the same process. */
async function attack(sandbox?: Sandbox): Promise<Outcomes> {
  const program = [runtime.node, join(own, 'attack.cjs'), JSON.stringify(targets)];
  const server = {
    alias: 'd',
    type: 'postgres',
    connectionString: `postgres://u@127.0.0.1:${databasePort}/d`,
  } as const;
  const launch = { tempDirectory: own, databases: [{ ...server, readOnly: true }] };
  const [file = '', ...rest] = sandbox?.command(program, launch) ?? program;
  const { stdout } = await run(file, rest, { cwd: own, env: { TMPDIR: join(scratch) } });
  return JSON.parse(stdout) as Outcomes;
}

const namesOf = (outcomes: Record<string, string>, needed: boolean) =>
  Object.keys(outcomes).filter((name) => name.startsWith('may ') === needed);

onLinux('a program that is not shut in', () => {
  it(
    'does all that is tried below',
    async () => {
      const { main, thread } = await attack();
      expect(new Set([...Object.values(main), ...Object.values(thread)])).toEqual(new Set(['works']));
    },
    TEST_MS,
  );
});

onLinux.each(stages.map((stage): [string, FirstStage] => [stage.kind, stage]))(
  'a program that is shut in by way of %s',
  (_kind, stage) => {
    it(
      'can do what it needs and nothing of what it is tempted to, on any thread, even as root',
      async () => {
        const sandbox = await Sandbox.find(runtime, own, [stage]);
        expect(sandbox.problem).toBeUndefined();
        // On a kernel whose Landlock knows no ports or signals nothing can be held back of those.
        expect(sandbox.parts).toEqual([
          'no_new_privileges',
          'landlock_fs',
          'landlock_net',
          'landlock_scope',
          'seccomp',
        ]);
        for (const outcomes of Object.values(await attack(sandbox))) {
          const refused = Object.fromEntries(
            namesOf(outcomes, false).map((name) => [
              name,
              expect.stringMatching(/^(EACCES|EPERM|EAFNOSUPPORT)$/),
            ]),
          );
          const allowed = Object.fromEntries(namesOf(outcomes, true).map((name) => [name, 'works']));
          expect(outcomes).toEqual({ ...refused, ...allowed });
        }
      },
      TEST_MS,
    );

    it(
      'gets no rights from programs that have them',
      async () => {
        const sandbox = await Sandbox.find(runtime, own, [stage]);
        const show = `process.stdout.write(require('fs').readFileSync('/proc/self/status', 'utf8'))`;
        const [file = '', ...rest] = sandbox.command([runtime.node, '-e', show], {
          tempDirectory: own,
          databases: [],
        });
        expect((await run(file, rest)).stdout).toMatch(/^NoNewPrivs:\t1$/m);
      },
      TEST_MS,
    );
  },
);

onLinux('Sandbox', () => {
  it('is found by Perl, which is quick, and by Node where there is none', () => {
    expect(existsSync(join(runtime.entry, '../restrict.mjs'))).toBe(true);
    expect(stages.map(({ kind }) => kind)).toContain('node');
    expect(stages[0]!.kind).toBe(existsSync('/usr/bin/perl') ? 'perl' : 'node');
  });

  it('runs programs as they are where nothing can shut them in, and says why', async () => {
    const broken: FirstStage = { kind: 'perl', command: ['/bin/sh', '-c', 'echo broken >&2; exit 1'] };
    const sandbox = await Sandbox.find(runtime, own, [broken]);
    expect(sandbox.parts).toEqual([]);
    expect(sandbox.problem).toMatch(/^The kernel has no Landlock/);
    expect(sandbox.command(['/bin/true'], { tempDirectory: own, databases: [] })).toEqual(['/bin/true']);
  });

  it('is not taken for working where the stage only pretends', async () => {
    const pretender: FirstStage = {
      kind: 'perl',
      command: [
        '/bin/sh',
        '-c',
        'test "$0" = version && { echo 7; exit; }; while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
      ],
    };
    const sandbox = await Sandbox.find(runtime, own, [pretender]);
    expect(sandbox.parts).toEqual(['no_new_privileges']);
    expect(sandbox.problem).toBe('What Landlock should hold back is still possible.');
  });

  it('lets no program start where rules cannot be taken on', async () => {
    const [stage] = stages;
    const words = [...stage!.command, '4294967295', '', '1', '4', '/', '--', '/bin/true'];
    await expect(run(words[0]!, words.slice(1))).rejects.toThrow(/landlock_create_ruleset/);
  });
});
