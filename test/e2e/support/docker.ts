import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { EngineKeys } from '@pondpilot/orchestrator';
import type Docker from 'dockerode';

/** What the names of a deployment's containers and networks are found by. */
export const labelOf = (secret: string): string =>
  `io.pondpilot.deployment=${new EngineKeys(secret).deployment}`;

/** Where engines find servers of this machine: in containers it is the machine's address in Docker's own network. */
export const hostForEngines = /"docker"/.test(process.env['TEST_PROVIDER'] ?? '') ? ofBridge() : '127.0.0.1';

/** Not as Node lists interfaces: it leaves out those that nobody uses at the moment. */
function ofBridge(): string {
  const shown = execFileSync('ip', ['-4', '-o', 'addr', 'show', 'docker0'], { encoding: 'utf8' });
  return /inet ([\d.]+)/.exec(shown)![1]!;
}

/** Process ids of the engines of the proxies with this secret. */
export function processesInContainers(secret: string): number[] {
  const list = ['ps', '-q', '--no-trunc', '--filter', `label=${labelOf(secret)}`];
  const ids = execFileSync('docker', list, { encoding: 'utf8' }).split('\n').filter(Boolean);
  const isEngine = (pid: number) =>
    ids.some((id) => fileOf(pid, 'cgroup').includes(id)) && fileOf(pid, 'cmdline').includes('engine.mjs');
  const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  // Docker's own init has the engine's command line behind its own.
  return all.map(Number).filter((pid) => isEngine(pid) && !/init/.test(fileOf(pid, 'comm')));
}

function fileOf(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8');
  } catch {
    return '';
  }
}

/** Removes the containers and networks of all engines of the proxies with this secret. */
export async function removeDeployment(secret: string): Promise<void> {
  const { default: Client } = await import('dockerode');
  const docker = new Client();
  const filters = { label: [labelOf(secret)] };
  const containers = await docker.listContainers({ all: true, filters });
  await Promise.all(
    containers.map(({ Id }) => ignoreMissing(docker.getContainer(Id).remove({ force: true }))),
  );
  const networks = await docker.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => ignoreMissing(removeNetwork(docker.getNetwork(Id)))));
}

/** Databases' containers are in it, too. */
async function removeNetwork(network: Docker.Network): Promise<void> {
  const { Containers = {} } = (await network.inspect()) as Docker.NetworkInspectInfo;
  for (const Container of Object.keys(Containers)) await network.disconnect({ Container, Force: true });
  await network.remove();
}

/** What goes away by itself meanwhile is gone all the same. */
async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  await call.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404 && error.statusCode !== 409) throw error;
  });
}
