import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keys, options } from './docker.harness.js';
import { FakeMachine, type FakeContainer } from './fake-machine.harness.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, PROFILE_LABEL } from './labels.js';
import { findLeft } from './left-engines.js';
import { NetworkPerEngine } from './networks/network-per-engine.js';

const IMAGE = 'sha256:1';
let machine: FakeMachine;
let own: Set<string>;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
  machine.run('proxy', { aliases: { shop_default: [] } });
  own = new Set();
});
afterEach(() => machine.stop());

function leave(id: string, changed: Partial<FakeContainer> = {}, deployment = keys.deployment): void {
  const labels = { [ENGINE_LABEL]: id, [DEPLOYMENT_LABEL]: deployment };
  machine.addNetwork(`zz-pondpilot-${id}`, { labels });
  machine.run(`pondpilot-${id}`, {
    imageId: IMAGE,
    labels: { ...labels, [PROFILE_LABEL]: 'normal' },
    aliases: { [`zz-pondpilot-${id}`]: [] },
    ...changed,
  });
}

async function find(
  { imageId }: { imageId: string | undefined } = { imageId: IMAGE },
  leaveAlone?: (engineId: string, error: unknown) => void,
) {
  const proxy = await machine.docker.getContainer('proxy').inspect();
  const networks = new NetworkPerEngine({
    docker: machine.docker,
    deployment: keys.deployment,
    configured: 'bridge',
    own: proxy,
  });
  const isOwn = (id: string) => own.has(id);
  return findLeft({ daemon: machine.daemon, options, networks, isOwn, leaveAlone }, imageId);
}

const ids = async () => (await find()).map(({ id }) => id);
const names = () => [...machine.containers, ...machine.networks].map(({ name }) => name);

describe('engines that an earlier proxy has left', () => {
  it('are found with all that it takes to use them, and reachable', async () => {
    leave('one');
    expect(await find()).toEqual([
      {
        id: 'one',
        host: '198.18.0.2',
        port: 8815,
        controlPort: 8816,
        controlSecret: keys.control('one'),
        callSecret: keys.call('one'),
        fingerprint: 'normal',
      },
    ]);
    const proxy = machine.containers.find(({ name }) => name === 'proxy')!;
    expect(machine.network('zz-pondpilot-one')?.members.has(proxy.id)).toBe(true);
  });

  it('have no fingerprint where they are of another image than the present one', async () => {
    leave('old', { imageId: 'sha256:0' });
    expect(await find()).toMatchObject([{ fingerprint: '' }]);
    // Where no image can be seen, nothing says that they are outdated.
    expect(await find({ imageId: undefined })).toMatchObject([{ fingerprint: 'normal' }]);
  });

  it('are neither those of this proxy nor those of another deployment', async () => {
    leave('mine');
    leave('theirs', {}, 'another');
    own.add('mine');
    const before = names();
    expect(await ids()).toEqual([]);
    expect(names()).toEqual(before);
  });

  it('are not those that run no more: what is left of them goes', async () => {
    leave('ended', { state: 'exited' });
    leave('never-started', { state: 'created', created: Date.now() / 1000 - 3600 });
    expect(await ids()).toEqual([]);
    expect(names()).toEqual(['proxy', 'shop_default']);
  });

  it('are not those that another proxy is about to start', async () => {
    leave('young', { state: 'created', created: Date.now() / 1000 });
    expect(await ids()).toEqual([]);
    expect(names()).toContain('pondpilot-young');
  });

  it('leave no network behind', async () => {
    leave('one');
    leave('mine');
    own.add('mine');
    for (const id of ['one', 'mine']) await machine.docker.getContainer(`pondpilot-${id}`).remove();
    expect(await ids()).toEqual([]);
    expect(machine.networks.map(({ name }) => name)).toEqual(['shop_default', 'zz-pondpilot-mine']);
  });

  it('are removed where nobody can reach them any more', async () => {
    leave('one');
    leave('two');
    machine.networks.splice(machine.networks.indexOf(machine.network('zz-pondpilot-one')!), 1);
    expect(await ids()).toEqual(['two']);
    expect(names()).not.toContain('pondpilot-one');
  });

  it('are kept where the daemon gives no answer: their users have data in them', async () => {
    leave('one');
    machine.on('POST /networks/*/connect', { write: (response) => void response.socket?.destroy() });
    await expect(find()).rejects.toThrow('socket hang up');
    expect(names()).toContain('pondpilot-one');
  });

  it.each([
    ['of a busy daemon', 500, 'POST /networks/*/connect'],
    ['of a socket proxy', 403, 'POST /networks/*/connect'],
    ['of a daemon that can not look at it', 503, 'GET /containers/pondpilot-one/json'],
  ])('are kept where the answer is that %s', async (_whose, status, what) => {
    leave('one');
    leave('two');
    machine.on(what, [status, { message: 'not now' }]);
    await expect(find()).rejects.toThrow('not now');
    expect(names()).toEqual(expect.arrayContaining(['pondpilot-one', 'pondpilot-two']));
    expect(names()).toEqual(expect.arrayContaining(['zz-pondpilot-one', 'zz-pondpilot-two']));
  });

  it('go where they have ended since they were listed', async () => {
    leave('one');
    machine.on('POST /networks/*/connect', () => {
      machine.containers.find(({ name }) => name === 'pondpilot-one')!.state = 'exited';
      return undefined;
    });
    expect(await ids()).toEqual([]);
    expect(names()).toEqual(['proxy', 'shop_default']);
  });

  it('are left alone where they can not be told of and others wait: all others are found', async () => {
    leave('lost', { aliases: {} });
    leave('one');
    const before = names();
    const told: string[] = [];
    const found = await find(undefined, (id, error) => told.push(`${id}: ${String(error)}`));
    expect(found.map(({ id }) => id)).toEqual(['one']);
    expect(told).toEqual([expect.stringMatching(/^lost: Error: The container pondpilot-lost runs/)]);
    expect(names()).toEqual(before);
  });

  it('are kept where they run without an address, and what to do is told', async () => {
    leave('one', { aliases: {} });
    await expect(find()).rejects.toThrow(
      'The container pondpilot-one runs, but is in no network: docker network connect NETWORK pondpilot-one with the one that it was in, or docker rm -f pondpilot-one.',
    );
    expect(names()).toContain('pondpilot-one');
  });
});
