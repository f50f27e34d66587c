import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';
import type { Duplex } from 'node:stream';
import { smallSpec } from '@pondpilot/testing';
import type { EngineDeath, LaunchStep } from '../../provider.js';
import { DockerProvider } from './docker-provider.js';
import { file, frame, JWT_SECRET, keys, options, server, until } from './docker.harness.js';
import type { Call } from './fake-daemon.harness.js';
import { FakeMachine } from './fake-machine.harness.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL } from './labels.js';
import { SharedNetwork } from './networks/shared-network.js';

const before = process.env['DOCKER_HOST'];
const databases = [server('postgres://ann:planted%2Done@db.example/sales')];
const spec = { ...smallSpec, databases };
let machine: FakeMachine;
let provider: DockerProvider;
let events: ServerResponse;
let deaths: EngineDeath[];
/** What was written to standard input of engines; the other end of it. */
let told: string[];
let engine: Duplex;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
  process.env['DOCKER_HOST'] = `unix://${machine.socketPath}`;
  machine.on(`GET /images/${options.image}/json`, [
    200,
    { Id: 'sha256:1', Config: { Labels: { 'io.pondpilot.engine': '1' } } },
  ]);
  machine.on('GET /events', { write: (response) => (events = response).flushHeaders() });
  machine.on('POST /containers/create', ({ query, body }) => {
    const { Labels: labels } = body as { Labels: Record<string, string> };
    machine.run(query['name']!, { labels, state: 'created' });
    return [201, { Id: query['name'] }];
  });
  machine.on('POST /containers/*/start', ({ path }) => {
    named(path.split('/')[2]!).state = 'running';
    return [204];
  });
  told = [];
  machine.onUpgrade = (_call, socket) => {
    socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n');
    createInterface({ input: socket }).on('line', (line) => told.push(line));
    engine = socket;
  };
  provider = new DockerProvider({ ...options, databases });
  deaths = [];
  provider.onDeath((death) => deaths.push(death));
});
afterEach(async () => {
  machine.on('DELETE /containers/*', [404, { message: 'gone' }]);
  await provider.close();
  await machine.stop();
  if (before === undefined) delete process.env['DOCKER_HOST'];
  else process.env['DOCKER_HOST'] = before;
});

const named = (name: string) => machine.containers.find((one) => one.name === name)!;
const creates = (): Call[] => machine.asked('POST /containers/create');
/** Why a launch failed. */
const failureOf = (launch: Promise<unknown>): Promise<string> =>
  launch.then(
    () => 'started',
    (error: Error) => (error.cause as Error).message,
  );

function end(name: string, exitCode: number): void {
  const { labels } = named(name);
  const actor = { Attributes: { ...labels, exitCode: String(exitCode) } };
  events.write(`${JSON.stringify({ Action: 'die', Actor: actor, timeNano: Date.now() * 1e6 })}\n`);
}

describe('a launch', () => {
  it('tells its secrets to the engine alone, over its standard input', async () => {
    const steps: LaunchStep[] = [];
    const launch = failureOf(provider.launch(spec, (step) => steps.push(step)));
    await until(() => told.length > 0);
    const { name } = machine.containers[0]!;
    const id = name.replace('pondpilot-', '');
    expect(JSON.parse(told[0]!)).toMatchObject({ id, databases, controlSecret: keys.control(id) });
    end(name, 3);
    await launch;
    // Also not in the URL, which socket proxies write to their logs.
    expect(creates()[0]?.query).toEqual({ name });
    const asked = JSON.stringify(machine.calls);
    expect(asked).not.toMatch(/planted|db\.example/);
    for (const secret of [JWT_SECRET, keys.control(id), keys.call(id)]) expect(asked).not.toContain(secret);
    expect(steps).toEqual(['creating', 'booting']);
  });

  it('says how the engine ended, and leaves nothing', async () => {
    const launch = failureOf(provider.launch(spec));
    await until(() => told.length > 0);
    engine.end(frame('bad password planted-one\n', 2));
    end(machine.containers[0]!.name, 3);
    expect(await launch).toBe(
      'The engine ended before it was ready: exit code 3. It last wrote: bad password ***',
    );
    expect([machine.containers, deaths]).toEqual([[], []]);
  });

  it('says what the engine says', async () => {
    const launch = failureOf(provider.launch(spec));
    await until(() => told.length > 0);
    engine.write(frame('{"event":"failed","message":"no DuckDB"}\n', 1));
    expect(await launch).toBe('The engine could not start: no DuckDB');
    expect(machine.containers).toEqual([]);
  });

  it.each<[string, (name: string) => void, RegExp]>([
    [
      'has no IPv4 address',
      (name) =>
        machine.on(`GET /containers/${name}/json`, [
          200,
          { State: { Running: true }, NetworkSettings: { Networks: { six: { IPAddress: '' } } } },
        ]),
      /^The container pondpilot-\w+ has no IPv4 address in the network six: give that network a subnet/,
    ],
    [
      'has ended without a word of the daemon',
      (name) => (named(name).state = 'exited'),
      /^The engine ended right after its start/,
    ],
  ])('does not wait for ever for an engine that %s', async (_what, change, problem) => {
    const other = new DockerProvider({ ...options, databases, answerTimeoutMs: 50 });
    const launch = failureOf(other.launch(spec));
    await until(() => told.length > 0);
    change(machine.containers[0]!.name);
    engine.write(frame('{"event":"ready","port":8815,"controlPort":8816}\n', 1));
    expect(await launch).toMatch(problem);
    expect(machine.containers).toEqual([]);
    await other.close();
  });

  it.each<[string, () => void, RegExp]>([
    [
      'the image is gone since',
      () => machine.on('POST /containers/create', [404, { message: 'No such image: x' }]),
      /^The engines' image registry\.example\/engine:1 is not there\. It is being pulled; by hand/,
    ],
    [
      'the container is refused',
      () => machine.on('POST /containers/create', [400, { message: 'invalid mount config' }]),
      /^Docker can't be used: .*invalid mount config/,
    ],
    [
      'it can not be started',
      () => machine.on('POST /containers/*/start', [500, { message: 'unknown runtime runsc' }]),
      /unknown runtime runsc/,
    ],
  ])('leaves nothing where %s, and says so', async (_what, refuse, problem) => {
    refuse();
    expect(await failureOf(provider.launch(spec))).toMatch(problem);
    expect(machine.containers).toEqual([]);
    expect(await provider.list()).toEqual([]);
  });

  it('is refused by a provider that is closed', async () => {
    await provider.close();
    expect(await failureOf(provider.launch(spec))).toMatch(/^The provider is closed/);
    expect(creates()).toEqual([]);
  });

  it('ends with the provider', async () => {
    const launch = failureOf(provider.launch(spec));
    await until(() => told.length > 0);
    await provider.close();
    expect(await launch).toBe('The engine was stopped during its start.');
    expect([machine.containers, machine.networks]).toEqual([[], []]);
  });

  it.each<[string, () => unknown]>([
    ['when the daemon is back', () => machine.cut()],
    ['with the next check', () => provider.check()],
  ])('that could not be cleared away is cleared away %s', async (_when, come) => {
    machine.on('POST /containers/*/start', [500, { message: 'on fire' }]);
    machine.on('DELETE /containers/*', [500, { message: 'on fire' }]);
    await failureOf(provider.launch(spec));
    expect(await provider.list()).toHaveLength(1);
    machine.on('DELETE /containers/*', ({ path }) => {
      machine.containers.splice(machine.containers.indexOf(named(path.split('/')[2]!)), 1);
      return [204];
    });
    await come();
    await until(() => machine.containers.length === 0);
    expect(deaths).toEqual([]);
  });
});

describe("engines' databases", () => {
  it.each<[string, () => Promise<unknown>]>([
    ['each check', () => provider.check()],
    ['a takeover', () => provider.adoption.find()],
  ])('are put back with %s', async (_when, ask) => {
    const mend = jest.spyOn(SharedNetwork.prototype, 'mend');
    await ask();
    expect(mend).toHaveBeenCalledTimes(1);
    mend.mockRestore();
  });
});

describe('close', () => {
  it('hears no more of a daemon that refuses, and says that engines are left', async () => {
    void failureOf(provider.launch(spec));
    await until(() => told.length > 0);
    machine.on('DELETE /containers/*', [500, { message: 'on fire' }]);
    const over = new Promise((resolve) => events.once('close', resolve));
    await expect(provider.close()).rejects.toThrow('on fire');
    await over;
  });
});

describe('check', () => {
  it('finds a provider usable', async () => expect(await provider.check()).toEqual({ usable: true }));

  it('names what will not work beside that', async () => {
    const some = [server('host=localhost user=ann'), file('/nonexistent/shop.sqlite')];
    const another = new DockerProvider({ ...options, databases: some });
    const { usable, problem } = await another.check();
    await another.close();
    expect(usable).toBe(true);
    expect(problem).toMatch(/^Database "sales": localhost is .*; Database "shop": \/nonexistent\/shop/);
  });

  it('says what else to do where Docker can not be used, if there is something else', async () => {
    const another = new DockerProvider({ ...options, otherwise: 'set ORCHESTRATOR=process' });
    expect(await another.check()).toEqual({ usable: true });
    await machine.stop();
    const [{ problem }, { problem: longer }] = [await provider.check(), await another.check()];
    expect(problem).toMatch(/, or set DOCKER_HOST\.$/);
    expect(longer).toBe(problem!.replace(/\.$/, ', or set ORCHESTRATOR=process.'));
    await machine.start();
    await another.close();
  });

  it('tells a wrong configuration from what may pass', async () => {
    const wrong = new DockerProvider({ ...options, network: 'host' });
    expect(await wrong.check()).toMatchObject({ usable: false, permanent: true });
    await machine.stop();
    const { problem, ...away } = await provider.check();
    expect(away).toEqual({ usable: false });
    expect(problem).toMatch(/^There is no Docker socket at /);
    await machine.start();
    expect(await provider.check()).toEqual({ usable: true });
  });
});

describe('an engine that runs', () => {
  const id = '0123456789abcdef';
  beforeEach(() => {
    machine.run(`pondpilot-${id}`, {
      labels: { [ENGINE_LABEL]: id, [DEPLOYMENT_LABEL]: keys.deployment },
      aliases: { [`pondpilot-${keys.deployment}`]: [] },
    });
  });

  it('is found, and its death is told', async () => {
    expect(await provider.adoption.find()).toMatchObject([{ id, host: '198.18.0.2' }]);
    expect(await provider.adoption.find()).toEqual([]);
    end(`pondpilot-${id}`, 137);
    await until(() => deaths.length > 0);
    expect(deaths).toEqual([{ engineId: id, cause: 'killed', detail: 'signal SIGKILL' }]);
    await until(async () => (await provider.list()).length === 0);
  });

  it('is left alone by a provider that lets go of it', async () => {
    await provider.adoption.find();
    await provider.adoption.detach();
    expect(machine.containers).toHaveLength(1);
    expect(await failureOf(provider.launch(spec))).toMatch(/^The provider is closed/);
  });

  it('is stopped also where it was never found', async () => {
    await provider.stop(id, 'orphaned');
    expect(machine.containers).toEqual([]);
  });
});
