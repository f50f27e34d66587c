import { randomSecret } from '@pondpilot/kernel';
import type { EngineLaunch } from '@pondpilot/engine-api';
import type { LaunchSpec } from '../../provider.js';
import type { Runtime } from './runtime.js';

/** Where engines listen: nobody but this machine reaches them. */
export const HOST = '127.0.0.1';

/**
 * What an engine is told at its start: all of its spec, and what is its own. `folder` is the engine's. Its input ends with
 * the proxy, whose child it is, so it outlives nobody.
 */
export function launchSettings(
  id: string,
  { fingerprint: _fingerprint, outliveMs: _outliveMs, ...spec }: LaunchSpec,
  { duckdbLibrary, extensionDirectory }: Runtime,
  folder: string,
): EngineLaunch {
  return {
    ...spec,
    id,
    host: HOST,
    controlSecret: randomSecret(),
    duckdbLibrary,
    ...(extensionDirectory === undefined ? {} : { extensionDirectory }),
    tempDirectory: folder,
  };
}
