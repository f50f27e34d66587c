import type { Duplex } from 'node:stream';
import { EngineControlClient, type EngineLaunch } from '@pondpilot/engine-api';
import { messageOf } from '@pondpilot/kernel';
import type Docker from 'dockerode';
import type { RunningEngine } from '../../provider.js';
import { begunWithin, statusOf, unlessMissing, type Daemon } from './daemon.js';
import { EngineOutput, type OutputListeners } from './engine-output.js';
import { containerName } from './labels.js';

const GONE_MS = 30_000;

/** Starts the container and tells it what to be; from then on its output is heard. */
export async function startContainer(
  { streams, calls, answerMs }: Daemon,
  launch: EngineLaunch,
  listeners: OutputListeners,
): Promise<EngineOutput> {
  const name = containerName(launch.id);
  // Attached before the start: nothing that it writes is missed, and no file keeps what is written to it.
  const stream = await begunWithin(answerMs, (abortSignal) => attach(streams, name, abortSignal));
  const output = new EngineOutput(stream, listeners);
  try {
    await calls.getContainer(name).start();
    output.write(`${JSON.stringify(launch)}\n`);
    return output;
  } catch (error) {
    output.close();
    throw error;
  }
}

/**
 * Attaches to all streams of a container. Not by dockerode's own method, whose request has a body: HAProxy, and with it the
 * usual socket proxies, turns no request with a body into a stream.
 */
function attach({ modem }: Docker, name: string, abortSignal: AbortSignal): Promise<Duplex> {
  const request = {
    path: `/containers/${name}/attach?`,
    method: 'POST',
    options: { stream: true, stdin: true, stdout: true, stderr: true },
    file: Buffer.alloc(0),
    isStream: true,
    hijack: true,
    openStdin: true,
    abortSignal,
    statusCodes: {
      200: true,
      404: 'no such container',
      409: 'the container is being removed',
      500: 'server error',
    },
  };
  return new Promise((resolve, reject) =>
    modem.dial(request, (error: unknown, stream: unknown) =>
      error ? reject(error as Error) : resolve(stream as Duplex),
    ),
  );
}

/** Hears again what an engine writes to standard error, from now on. */
export async function hearContainer(
  { streams }: Daemon,
  engineId: string,
  listeners: OutputListeners,
): Promise<EngineOutput> {
  const container = streams.getContainer(containerName(engineId));
  const stream = (await container.attach({ stream: true, stderr: true })) as unknown as Duplex;
  return new EngineOutput(stream, listeners);
}

/** A container as the daemon sees it. */
export interface Whereabouts {
  readonly running: boolean;
  /** Its only one, unless somebody has put it into others; none where somebody took it out. */
  readonly networks: readonly string[];
  /** Undefined where it does not run any more, or has none by IPv4. */
  readonly address: string | undefined;
}

/** A container that is gone runs no more. */
export async function whereabouts(docker: Docker, engineId: string): Promise<Whereabouts> {
  const info = await unlessMissing(docker.getContainer(containerName(engineId)).inspect());
  const networks = info?.NetworkSettings.Networks ?? {};
  const addresses = Object.values(networks).map(({ IPAddress }) => IPAddress);
  return {
    running: info?.State.Running === true,
    networks: Object.keys(networks),
    // Empty where there is none.
    address: addresses.find(Boolean),
  };
}

/** Why a container that runs can't be reached, and what to do. */
export function noAddress(engineId: string, networks: readonly string[]): string {
  const name = containerName(engineId);
  const remove = `docker rm -f ${name}`;
  if (networks.length === 0)
    return `The container ${name} runs, but is in no network: docker network connect NETWORK ${name} with the one that it was in, or ${remove}.`;
  return `The container ${name} has no IPv4 address in the network ${networks.join(', ')}: give that network a subnet of IPv4 (docker network create --subnet), or leave containers.network (CONTAINER_NETWORK) out; then ${remove}.`;
}

/** Resolves when the engine answers on its control port; rejects with a reason for the log. */
export async function answers(
  { host, controlPort, controlSecret }: RunningEngine,
  timeoutMs: number,
  aborted: Promise<never>,
): Promise<void> {
  const address = `${host}:${controlPort}`;
  const control = new EngineControlClient(address, controlSecret);
  const asked = control.health(timeoutMs).catch((error: unknown) => {
    throw new Error(
      `The engine reported its ports, but does not answer at ${address}: ${messageOf(error)}. Are addresses of containers reachable from the proxy?`,
      { cause: error },
    );
  });
  asked.catch(() => {});
  try {
    await Promise.race([asked, aborted]);
  } finally {
    control.close();
  }
}

/** Ends a container at once: an engine has nothing to put in order. Resolves when it is gone. */
export async function removeContainer(docker: Docker, engineId: string): Promise<void> {
  const container = docker.getContainer(containerName(engineId));
  try {
    await unlessMissing(container.remove({ force: true, v: true }));
  } catch (error) {
    // It ended in this moment, and Docker is about it already.
    if (statusOf(error) !== 409) throw error;
    await untilGone(container);
  }
}

async function untilGone(container: Docker.Container): Promise<void> {
  const stop = AbortSignal.timeout(GONE_MS);
  while (await unlessMissing(container.inspect())) {
    if (stop.aborted) throw new Error('Docker does not finish to remove the container.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
