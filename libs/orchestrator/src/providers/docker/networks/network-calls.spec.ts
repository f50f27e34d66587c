import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeMachine } from '../fake-machine.harness.js';
import { connect, disconnect, removeNetwork } from './network-calls.js';

let machine: FakeMachine;

beforeEach(async () => {
  machine = new FakeMachine();
  await machine.start();
});
afterEach(() => machine.stop());

const members = () => [...(machine.network('net')?.members ?? [])];

describe('connect', () => {
  it('gives a container its names, and never makes the network its way out', async () => {
    machine.addNetwork('net');
    const { id } = machine.run('database');
    await connect(machine.docker, 'net', id, ['db']);
    expect(members()).toEqual([[id, ['db']]]);
    expect(machine.asked('POST /networks/net/connect')[0]?.body).toMatchObject({
      EndpointConfig: { GwPriority: -1 },
    });
  });

  it('takes it as done where the container is in it', async () => {
    const { id } = machine.run('database', { aliases: { net: ['db'] } });
    await connect(machine.docker, 'net', id);
    expect(members()).toEqual([[id, ['db']]]);
  });

  it('passes on what else keeps it from that', async () => {
    machine.addNetwork('net');
    await expect(connect(machine.docker, 'net', 'nobody')).rejects.toThrow('not found');
    machine.on('POST /networks/net/connect', [403, { message: 'Request forbidden' }]);
    await expect(connect(machine.docker, 'net', machine.run('a').id)).rejects.toThrow('Request forbidden');
  });
});

describe('disconnect', () => {
  it('takes a container out, also one that is not in it or is gone', async () => {
    const { id } = machine.run('database', { aliases: { net: [] } });
    await disconnect(machine.docker, 'net', id);
    expect(members()).toEqual([]);
    await disconnect(machine.docker, 'net', id);
    await disconnect(machine.docker, 'net', 'nobody');
    await disconnect(machine.docker, 'no-net', id);
  });

  it('passes on what keeps it from that', async () => {
    machine.on('POST /networks/net/disconnect', [500, { message: 'on fire' }]);
    await expect(disconnect(machine.docker, 'net', 'any')).rejects.toThrow('on fire');
  });
});

describe('removeNetwork', () => {
  it('removes a network whoever is still in it, and is content where there is none', async () => {
    for (const name of ['proxy', 'database']) machine.run(name, { aliases: { net: [], other: [] } });
    await removeNetwork(machine.docker, 'net');
    expect(machine.networks.map(({ name, members: left }) => [name, left.size])).toEqual([['other', 2]]);
    await removeNetwork(machine.docker, 'net');
  });

  it('does not say that it is gone where it is not', async () => {
    machine.addNetwork('net');
    machine.on('DELETE /networks/net', [403, { message: 'network net has active endpoints' }]);
    await expect(removeNetwork(machine.docker, 'net')).rejects.toThrow('active endpoints');
  });
});
