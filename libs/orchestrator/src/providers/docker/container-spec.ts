import type Docker from 'dockerode';
import type { LaunchSpec } from '../../provider.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, PROFILE_LABEL } from './labels.js';
import { LAYOUT } from './layout.js';
import type { DockerProviderOptions } from './options.js';

const MAX_FILES = 4096;
/** Processes and threads; an engine has some forty threads. */
const MAX_TASKS = 512;
const NANO = 1e9;
/** Spilling may take so many times the memory, unless the configuration says how much. */
const SPILL_FACTOR = 2;

export interface ContainerParts {
  readonly engineId: string;
  readonly spec: LaunchSpec;
  readonly network: string;
  readonly mounts: Docker.MountSettings[];
}

/** Bytes of the area that an engine spills to. */
export function spillBytesOf({
  spillBytes,
  memoryBytes,
}: Pick<LaunchSpec, 'spillBytes' | 'memoryBytes'>): number {
  return spillBytes ?? memoryBytes * SPILL_FACTOR;
}

/** The request that creates an engine's container. Nothing in it is secret: the launch goes over standard input. */
export function containerSpec(
  options: DockerProviderOptions,
  { engineId, spec, network, mounts }: ContainerParts,
): Docker.ContainerCreateOptions {
  return {
    Image: options.image,
    User: `${LAYOUT.user}:${LAYOUT.user}`,
    // The default is the container's id, which is of no use to an engine.
    Hostname: 'engine',
    WorkingDir: LAYOUT.spill,
    Env: [`HOME=${LAYOUT.spill}`, `TMPDIR=${LAYOUT.spill}`],
    Labels: {
      [ENGINE_LABEL]: engineId,
      [DEPLOYMENT_LABEL]: options.keys.deployment,
      [PROFILE_LABEL]: spec.fingerprint,
    },
    OpenStdin: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    HostConfig: {
      NetworkMode: network,
      Mounts: mounts,
      ...(options.runtime === undefined ? {} : { Runtime: options.runtime }),
      ...confinement,
      ...quotas(spec),
    },
    NetworkingConfig: { EndpointsConfig: { [network]: {} } },
  };
}

const confinement: Docker.HostConfig = {
  CapDrop: ['ALL'],
  SecurityOpt: ['no-new-privileges'],
  ReadonlyRootfs: true,
  // What ends while no proxy looks leaves nothing behind.
  AutoRemove: true,
  // No shared memory: it would be a second place to write to, without a bound of ours.
  IpcMode: 'none',
  Init: true,
  // A core dump would hold passwords.
  Ulimits: [
    { Name: 'core', Soft: 0, Hard: 0 },
    { Name: 'nofile', Soft: MAX_FILES, Hard: MAX_FILES },
  ],
  LogConfig: { Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } },
};

/** What is spilled is memory of the container, too. There is no swap beside it. */
function quotas(spec: LaunchSpec): Docker.HostConfig {
  const { memoryBytes, cpus } = spec;
  const spill = spillBytesOf(spec);
  const { user, spill: folder } = LAYOUT;
  return {
    Memory: memoryBytes + spill,
    MemorySwap: memoryBytes + spill,
    NanoCpus: Math.round(cpus * NANO),
    PidsLimit: MAX_TASKS,
    Tmpfs: { [folder]: `rw,noexec,nosuid,nodev,size=${spill},mode=0700,uid=${user},gid=${user}` },
  };
}
