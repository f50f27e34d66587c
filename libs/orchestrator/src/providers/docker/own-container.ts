import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import type Docker from 'dockerode';
import { statusOf } from './daemon.js';

/** Docker mounts these into each container, from a folder that is named by its id. */
const MOUNTED = /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf) \/etc\//;
const CGROUP = /[/-]([0-9a-f]{64})(?:\.scope)?$/m;
const SHORT_ID = /^[0-9a-f]{12}$/;

/** The container that the proxy runs in, as this daemon knows it; undefined where the proxy runs outside of its containers. */
export async function ownContainer(docker: Docker): Promise<Docker.ContainerInspectInfo | undefined> {
  for (const id of candidates()) {
    const found = await inspect(docker, id);
    if (found?.State.Running) return found;
  }
  return undefined;
}

function candidates(): string[] {
  const name = hostname();
  const ids = [
    MOUNTED.exec(read('/proc/self/mountinfo'))?.[1],
    CGROUP.exec(read('/proc/self/cgroup'))?.[1],
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
