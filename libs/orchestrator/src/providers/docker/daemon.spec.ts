import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { chmod, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';
import { makeScratch, smallSpec } from '@pondpilot/testing';
import Docker from 'dockerode';
import {
  connectDaemon,
  daemonProblem,
  isMissing,
  sentence,
  statusOf,
  unlessMissing,
  type Daemon,
} from './daemon.js';
import { options } from './docker.harness.js';
import { startContainer } from './engine-container.js';
import { FakeDaemon } from './fake-daemon.harness.js';
import { launchSettings } from './launch-settings.js';

const before = process.env['DOCKER_HOST'];
let scratch = '';
let fake: FakeDaemon;

beforeEach(async () => {
  delete process.env['DOCKER_HOST'];
  scratch = await makeScratch();
  fake = new FakeDaemon();
  await fake.start();
});
afterEach(async () => {
  await fake.stop();
  await rm(scratch, { recursive: true, force: true });
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

const failureOf = (docker: Docker): Promise<unknown> =>
  docker.version().then(
    () => undefined,
    (error: unknown) => error,
  );
const problemAt = async (socketPath: string) => daemonProblem(await failureOf(new Docker({ socketPath })));
/** As the system tells it; who runs these tests may be allowed everything. */
const systemError = (code: string, more: object) =>
  Object.assign(new Error(`connect ${code}`), { code, ...more });

describe('daemonProblem', () => {
  it('names the socket that is not there, and all that helps', async () => {
    const path = join(scratch, 'docker.sock');
    expect(await problemAt(path)).toBe(
      `There is no Docker socket at ${path}: start Docker, mount the socket into the proxy's container (-v ${path}:${path}), or set DOCKER_HOST.`,
    );
  });

  it('names the group of the socket that the proxy may not use', async () => {
    const path = join(scratch, 'docker.sock');
    await writeFile(path, '');
    await chmod(path, 0o660);
    const gid = process.getgid?.();
    const problem = daemonProblem(systemError('EACCES', { syscall: 'connect', address: path }));
    expect(problem).toContain(`user ${process.getuid?.()}, may not use the Docker socket ${path}: `);
    expect(problem).toContain(`group_add: ["${gid}"]; docker run --group-add ${gid}`);
  });

  it('does without the group where it can not be known', () => {
    const problem = daemonProblem(systemError('EACCES', { address: '/nonexistent/docker.sock' }));
    expect(problem).toMatch(/may not use the Docker socket \/nonexistent\/docker\.sock\.$/);
  });

  it('tells of a daemon that does not answer', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const problem = daemonProblem(await failureOf(new Docker({ host: '127.0.0.1', port })));
    expect(problem).toMatch(
      /^The Docker daemon does not answer at 127\.0\.0\.1: start it, or set DOCKER_HOST\.$/,
    );
  });

  it('tells the same of one that hangs up', async () => {
    fake.on('GET /version', { write: (response) => void response.socket?.destroy() });
    expect(await problemAt(fake.socketPath)).toMatch(/^The Docker daemon does not answer at /);
  });

  it('names what a socket proxy must allow', async () => {
    fake.on('GET /version', [403, { message: 'Request forbidden\n by administrative rules' }]);
    expect(await problemAt(fake.socketPath)).toMatch(
      /^Docker refuses: .*Request forbidden by administrative rules\. A docker-socket-proxy must allow CONTAINERS, POST, EVENTS, PING, VERSION and NETWORKS\.$/,
    );
  });

  it('repeats in one line what else Docker says', async () => {
    fake.on('GET /version', [500, { message: 'no space left\n  on device' }]);
    expect(await problemAt(fake.socketPath)).toMatch(/^Docker can't be used: .*no space left on device\.$/);
  });
});

describe('sentence', () => {
  it.each([
    ['one\n two ', 'one two.'],
    ['It is.', 'It is.'],
    ['Is it?', 'Is it?'],
  ])('makes %j to %j', (said, told) => expect(sentence(new Error(said))).toBe(told));
});

describe('what was refused', () => {
  it('is known by its status', async () => {
    const refused = await failureOf(fake.docker);
    expect([statusOf(refused), isMissing(refused)]).toEqual([404, true]);
    expect([undefined, null, 'text', new Error('x'), { statusCode: 'x' }].map(statusOf)).toEqual(
      Array.from({ length: 5 }, () => undefined),
    );
  });

  it('is fine where it is gone, and nothing else is', async () => {
    expect(await unlessMissing(fake.docker.version())).toBeUndefined();
    fake.on('GET /version', [409, { message: 'busy' }]);
    await expect(unlessMissing(fake.docker.version())).rejects.toThrow('busy');
    await expect(unlessMissing(new Docker({ socketPath: '/nonexistent' }).version())).rejects.toThrow(
      'ENOENT',
    );
  });
});

describe('connectDaemon', () => {
  it('goes where DOCKER_HOST says, and works again after a restart of the daemon', async () => {
    process.env['DOCKER_HOST'] = `unix://${fake.socketPath}`;
    const { calls, streams } = connectDaemon();
    fake.on('GET /version', [200, { Version: '28' }]);
    for (const docker of [calls, streams]) expect(await docker.version()).toEqual({ Version: '28' });
    await fake.stop();
    await fake.start();
    for (const docker of [calls, streams]) expect(await docker.version()).toEqual({ Version: '28' });
    // A connection that is kept may be found dead by the call that takes it.
    expect(new Set(fake.calls.map(({ headers }) => headers.connection))).toEqual(new Set(['close']));
  });

  it.each<[string, (daemon: Daemon) => Promise<unknown>]>([
    ['calls', ({ calls }) => calls.version()],
    ['events', ({ streams }) => streams.getEvents()],
    ['what a container writes', ({ streams }) => streams.getContainer('one').attach({ stream: true })],
  ])('waits within a bound for %s', async (_what, ask) => {
    process.env['DOCKER_HOST'] = `unix://${fake.socketPath}`;
    for (const what of ['GET /version', 'GET /events', 'POST /containers/*/attach'])
      fake.on(what, { write: () => {} });
    const failed = await ask(connectDaemon(20)).catch(daemonProblem);
    expect(failed).toMatch(/^The Docker daemon does not answer at /);
  });

  it('lets a stream be silent that has begun', () => {
    const { calls, streams } = connectDaemon();
    const boundOf = ({ modem }: Docker) => (modem as { timeout?: number }).timeout;
    expect(boundOf(calls)).toBeGreaterThan(0);
    expect(boundOf(streams)).toBeUndefined();
  });
});

describe('startContainer', () => {
  it('waits within a bound for the stream that it takes over', async () => {
    const daemon = { ...fake.daemon, answerMs: 20 };
    const launch = launchSettings('one', smallSpec, options);
    const failed = startContainer(daemon, launch, { clean: String, onLine: () => {} });
    expect(await failed.catch(daemonProblem)).toMatch(/^The Docker daemon does not answer at /);
  });
});
