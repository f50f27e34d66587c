import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PassThrough } from 'node:stream';
import type { EngineDeath } from '../../provider.js';
import { frame, until } from './docker.harness.js';
import { Engine } from './engine.js';
import { EngineOutput } from './engine-output.js';
import { FakeMachine } from './fake-machine.harness.js';
import { Fleet } from './fleet.js';
import type { EngineNetworks } from './networks/engine-networks.js';

const KILLED = { exitCode: 137, outOfMemory: false };
const listeners = { clean: (text: string) => text, onLine: () => {} };
let machine: FakeMachine;
let fleet: Fleet;
let deaths: EngineDeath[];
let left: string[];

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
  [deaths, left] = [[], []];
  const networks = { remove: async (id: string) => void left.push(id) } as Partial<EngineNetworks>;
  fleet = new Fleet({
    daemon: machine.daemon,
    networks: async () => networks as EngineNetworks,
    listenersFor: () => listeners,
  });
  fleet.onDeath((death) => deaths.push(death));
});
afterEach(async () => {
  fleet.detach();
  await machine.stop();
});

function engine(id: string, running = true): Engine {
  machine.run(`pondpilot-${id}`);
  const made = new Engine(id, running);
  fleet.add(made);
  return made;
}

function hear(made: Engine): PassThrough {
  const stream = new PassThrough();
  fleet.hear(made, new EngineOutput(stream, listeners));
  return stream;
}

function withOutput(made: Engine, words: string): Engine {
  hear(made).end(frame(words, 2));
  return made;
}

const names = () => machine.containers.map(({ name }) => name);

describe('the end of an engine', () => {
  it('is told once, and nothing of it is left', async () => {
    engine('one');
    engine('two');
    await Promise.all([fleet.ended('one', KILLED), fleet.ended('one', KILLED)]);
    await fleet.ended('one', KILLED);
    expect(deaths).toEqual([{ engineId: 'one', cause: 'killed', detail: 'signal SIGKILL' }]);
    expect([names(), left, [...fleet.engines.keys()]]).toEqual([['pondpilot-two'], ['one'], ['two']]);
  });

  it('goes by its last words, which come by another way', async () => {
    const stream = hear(engine('one'));
    const ended = fleet.ended('one', { exitCode: 134, outOfMemory: false });
    stream.end(frame('terminate called: std::bad_alloc\n', 2));
    await ended;
    expect(deaths).toMatchObject([{ cause: 'out_of_memory' }]);
  });

  it('is nothing to this provider where the engine is not its own', async () => {
    machine.run('pondpilot-other');
    await fleet.ended('other', KILLED);
    expect([deaths, names()]).toEqual([[], ['pondpilot-other']]);
  });

  it('is no death where it was stopped', async () => {
    const one = engine('one');
    const removal = fleet.remove(one);
    await fleet.ended('one', KILLED);
    await removal;
    expect([deaths, names(), fleet.engines.size]).toEqual([[], [], 0]);
  });

  it('fails its launch, and is for that to clear away', async () => {
    const one = withOutput(engine('one', false), 'no such library\n');
    await fleet.ended('one', { exitCode: 3, outOfMemory: false });
    await expect(one.aborted).rejects.toThrow(
      'The engine ended before it was ready: exit code 3. It last wrote: no such library',
    );
    expect([deaths, names()]).toEqual([[], ['pondpilot-one']]);
  });
});

describe('a removal', () => {
  it('is one for all who want it, and all wait for its end', async () => {
    const one = engine('one');
    await Promise.all([fleet.remove(one), fleet.remove(one)]);
    expect(machine.asked('DELETE /containers/pondpilot-one')).toHaveLength(1);
    expect([names(), left]).toEqual([[], ['one']]);
    expect(machine.asked('DELETE /containers/pondpilot-one')[0]?.query).toEqual({ force: 'true', v: 'true' });
  });

  it('that fails is told, and may be tried again', async () => {
    const one = engine('one');
    machine.on('DELETE /containers/*', [500, { message: 'device busy' }]);
    await expect(fleet.remove(one)).rejects.toThrow('device busy');
    expect([...fleet.engines.keys()]).toEqual(['one']);
    machine.on('DELETE /containers/*', [204]);
    await fleet.remove(one);
    expect(fleet.engines.size).toBe(0);
  });

  it('waits where Docker is about it already', async () => {
    const one = engine('one');
    machine.on('DELETE /containers/*', [409, { message: 'removal is already in progress' }]);
    let looks = 0;
    machine.on('GET /containers/*/json', () => ((looks += 1) < 3 ? undefined : [404, { message: 'gone' }]));
    await fleet.remove(one);
    expect(looks).toBe(3);
    expect(left).toEqual(['one']);
  });
});

describe('a look after all engines', () => {
  it('finds those that ended while nobody told', async () => {
    engine('one');
    engine('two');
    engine('three', false);
    const four = withOutput(engine('four', false), 'starting\n');
    machine.containers.find(({ name }) => name === 'pondpilot-one')!.state = 'exited';
    const gone = (name: string) => ['pondpilot-three', 'pondpilot-four'].includes(name);
    machine.containers.splice(0, Infinity, ...machine.containers.filter(({ name }) => !gone(name)));
    await fleet.look();
    expect(deaths).toEqual([{ engineId: 'one', cause: 'vanished', detail: 'its container is gone' }]);
    await expect(four.aborted).rejects.toThrow(
      'The engine ended before it was ready: its container is gone.',
    );
    // One whose container has not been started yet has none; what is left of a launch is for that to clear away.
    expect([...fleet.engines.keys()]).toEqual(['two', 'three', 'four']);
  });

  it('removes what is left of a launch that failed while the daemon was away', async () => {
    engine('one', false).abandoned = true;
    await fleet.look();
    expect([names(), fleet.engines.size, deaths]).toEqual([[], 0, []]);
  });

  it('removes what is left of a death that came while the daemon refused, and tells it no more', async () => {
    engine('one');
    machine.on('DELETE /containers/*', [500, { message: 'device busy' }]);
    await expect(fleet.ended('one', KILLED)).rejects.toThrow('device busy');
    machine.on('DELETE /containers/*', [404, { message: 'gone' }]);
    await fleet.ended('one', KILLED);
    await fleet.look();
    expect([left, fleet.engines.size, deaths.length]).toEqual([['one'], 0, 1]);
  });

  it('does not come before the last words of one that ends', async () => {
    const stream = hear(engine('one'));
    const ended = fleet.ended('one', KILLED);
    await fleet.look();
    stream.end();
    await ended;
    expect(deaths).toHaveLength(1);
    expect(fleet.engines.size).toBe(0);
  });

  it('removes one whose stop has failed, which is no death', async () => {
    const one = engine('one');
    machine.on('DELETE /containers/*', [500, { message: 'device busy' }]);
    await expect(fleet.remove(one)).rejects.toThrow('device busy');
    // The daemon was about it, and came to its end later.
    await fleet.ended('one', KILLED);
    machine.on('DELETE /containers/*', [404, { message: 'gone' }]);
    await fleet.look();
    expect([deaths, left, fleet.engines.size]).toEqual([[], ['one'], 0]);
  });

  it('gives up nobody where the daemon is away', async () => {
    engine('one');
    await machine.stop();
    await fleet.look();
    await machine.start();
    expect([deaths, fleet.engines.size]).toEqual([[], 1]);
  });
});

describe('an engine that is silent for good', () => {
  it('is looked into', async () => {
    withOutput(engine('one'), 'bye\n');
    machine.containers[0]!.state = 'exited';
    await until(() => deaths.length > 0);
    expect(deaths).toMatchObject([{ engineId: 'one', cause: 'vanished' }]);
  });

  it('is heard again where it runs', async () => {
    const attached = () => machine.asked('POST /containers/pondpilot-one/attach').length;
    withOutput(engine('one'), 'cut\n');
    await until(() => attached() > 0);
    expect(deaths).toEqual([]);
  });
});
