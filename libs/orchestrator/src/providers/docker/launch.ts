import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import type { LaunchSpec, LaunchStep, RunningEngine } from '../../provider.js';
import { containerSpec } from './container-spec.js';
import { isMissing, type Daemon } from './daemon.js';
import { answers, noAddress, startContainer, whereabouts } from './engine-container.js';
import type { OutputListeners } from './engine-output.js';
import type { Engine } from './engine.js';
import type { Fleet } from './fleet.js';
import type { EngineImage } from './image.js';
import { containerName } from './labels.js';
import { launchSettings } from './launch-settings.js';
import { mountsFor } from './mounts.js';
import type { DockerProviderOptions } from './options.js';
import type { Place } from './place.js';

export interface LaunchParts {
  readonly daemon: Daemon;
  readonly image: EngineImage;
  readonly fleet: Fleet;
  readonly options: DockerProviderOptions;
  readonly place: Place;
  readonly listeners: OutputListeners;
  readonly onStep: (step: LaunchStep) => void;
}

/** From nothing to an engine that answers. What a failure leaves behind is for the caller to remove. */
export async function launchEngine(
  engine: Engine,
  spec: LaunchSpec,
  parts: LaunchParts,
): Promise<RunningEngine> {
  const { options, daemon, fleet, listeners, onStep } = parts;
  onStep('creating');
  await create(engine, spec, parts);
  // Removed meanwhile: the provider is being closed.
  if (engine.removal) return engine.aborted;
  onStep('booting');
  fleet.hear(engine, await startContainer(daemon, launchSettings(engine.id, spec, options), listeners));
  const { port, controlPort } = await engine.output!.ready(options.startTimeoutMs, engine.aborted);
  const { keys, answerTimeoutMs } = options;
  const { running: runs, networks, address: host } = await whereabouts(daemon.calls, engine.id);
  if (host === undefined && runs) throw new Error(noAddress(engine.id, networks));
  if (host === undefined) return endOf(engine, answerTimeoutMs);
  const secrets = { controlSecret: keys.control(engine.id), callSecret: keys.call(engine.id) };
  const running = { id: engine.id, host, port, controlPort, ...secrets };
  await answers(running, answerTimeoutMs, engine.aborted);
  if (engine.ended) return engine.aborted;
  engine.running = true;
  return running;
}

/** How an engine ended that runs no more: that comes by another connection, which may have been cut. */
async function endOf({ aborted }: Engine, timeoutMs: number): Promise<never> {
  const late = delay(timeoutMs, undefined, { ref: false }).then(() => {
    throw new Error('The engine ended right after its start; the daemon has not told how.');
  });
  return Promise.race([aborted, late]);
}

async function create(
  { id: engineId }: Engine,
  spec: LaunchSpec,
  { options, daemon, image, place }: LaunchParts,
): Promise<void> {
  const network = await place.networks.enter(engineId, spec.databases);
  const mounts = mountsFor(spec.databases, options.extensionDirectory, place.mounts);
  const body = containerSpec(options, { engineId, spec, network, mounts });
  // In this form alone nothing of the body lands in the request's URL, which socket proxies write to their logs.
  const request = { _query: { name: containerName(engineId) }, _body: body };
  try {
    await daemon.calls.createContainer(request as unknown as Docker.ContainerCreateOptions);
  } catch (error) {
    if (isMissing(error) && /no such image/i.test(String(error)))
      throw new Error(image.missing(), { cause: error });
    throw error;
  }
}
