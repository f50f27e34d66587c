import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMachine, type FakeContainer } from './fake-machine.harness.js';
import { ownContainer, type Traces } from './own-container.js';

const NONE: Traces = { mountinfo: '', cgroup: '0::/\n', hostname: 'laptop' };
let machine: FakeMachine;
let own: FakeContainer;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
  machine.run('another');
  own = machine.run('proxy');
});
afterEach(() => machine.stop());

const found = async (traces: Partial<Traces>) =>
  (await ownContainer(machine.docker, { ...NONE, ...traces }))?.Id;

const mountinfoOf = (id: string) =>
  [
    '611 540 0:52 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/ABC',
    `640 611 254:1 /var/lib/docker/containers/${id}/resolv.conf /etc/resolv.conf rw - ext4 /dev/vda1 rw`,
    `641 611 254:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/vda1 rw`,
  ].join('\n');

describe('the container that the proxy runs in', () => {
  it.each<[string, (id: string) => Partial<Traces>]>([
    ['what Docker has mounted', (id) => ({ mountinfo: mountinfoOf(id) })],
    ['its group, as Docker names it', (id) => ({ cgroup: `12:pids:/docker/${id}\n0::/\n` })],
    ['its group, as systemd names it', (id) => ({ cgroup: `0::/system.slice/docker-${id}.scope\n` })],
    ['its host name', (id) => ({ hostname: id.slice(0, 12) })],
  ])('is known by %s', async (_by, traces) => {
    expect(await found(traces(own.id))).toBe(own.id);
  });

  it('is known by another trace where one leads to a container of another daemon', async () => {
    const elsewhere = 'f'.repeat(64);
    expect(await found({ mountinfo: mountinfoOf(elsewhere), hostname: own.id.slice(0, 12) })).toBe(own.id);
  });

  it('is none on the host, nor in a container of another daemon', async () => {
    expect(await found({})).toBeUndefined();
    expect(machine.calls).toEqual([]);
    expect(await found({ mountinfo: mountinfoOf('f'.repeat(64)) })).toBeUndefined();
  });

  it('is none that has ended', async () => {
    own.state = 'exited';
    expect(await found({ hostname: own.id.slice(0, 12) })).toBeUndefined();
  });

  it('is not guessed from the id of a volume or a layer', async () => {
    const mountinfo = `641 611 254:1 /var/lib/docker/volumes/${own.id}/_data /data rw - ext4 /dev/vda1 rw`;
    expect(await found({ mountinfo })).toBeUndefined();
  });

  it('is not said to be none where the daemon does not answer', async () => {
    await machine.stop();
    await expect(found({ hostname: own.id.slice(0, 12) })).rejects.toThrow('ENOENT');
    await machine.start();
  });

  it('is looked for in what this system tells', async () => {
    await expect(ownContainer(machine.docker)).resolves.toBeUndefined();
  });
});
