import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type Docker from 'dockerode';
import { statusOf } from './daemon.js';

/** Docker mounts these into each container, from a folder that is named by its id. */
const MOUNTED = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//;
const CGROUP = /[/-]([0-9a-f]{64})(?:\.scope)?$/m;
const SHORT_ID = /^[0-9a-f]{12}$/;

/** The container that the proxy runs in, as this daemon knows it; undefined where the proxy runs outside of its containers. */
export async function ownContainer(
  docker: Docker,
  traces = readTraces(),
): Promise<Docker.ContainerInspectInfo | undefined> {
  for (const id of candidates(traces)) {
    const found = await inspect(docker, id);
    if (found?.State.Running) return found;
  }
  return undefined;
}

/** Where a process finds the id of the container that it is in; each of these may lack it. */
export interface Traces {
  readonly mountinfo: string;
  readonly cgroup: string;
  readonly hostname: string;
}

function readTraces(): Traces {
  return {
    mountinfo: read('/proc/self/mountinfo'),
    cgroup: read('/proc/self/cgroup'),
    hostname: hostname(),
  };
}

function candidates({ mountinfo, cgroup, hostname: name }: Traces): string[] {
  const ids = [
    MOUNTED.exec(mountinfo)?.[1],
    CGROUP.exec(cgroup)?.[1],
    SHORT_ID.test(name) ? name : undefined,
  ];
  return [...new Set(ids.filter((id) => id !== undefined))];
}

/** An answer of any kind is one: what is not found or shown is no container of this daemon. */
async function inspect(docker: Docker, id: string): Promise<Docker.ContainerInspectInfo | undefined> {
  try {
    return await docker.getContainer(id).inspect();
  } catch (error) {
    if (statusOf(error) === undefined) throw error;
    return undefined;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
