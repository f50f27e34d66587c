import type { EngineLaunch } from '@pondpilot/engine-api';
import type { LaunchSpec } from '../../provider.js';
import { LAYOUT } from './layout.js';
import type { DockerProviderOptions } from './options.js';

/** What an engine is told at its start: all of its spec, and what is its own. A container outlives the proxy. */
export function launchSettings(
  id: string,
  { fingerprint: _fingerprint, ...spec }: LaunchSpec,
  { keys, extensionDirectory = LAYOUT.extensionDirectory }: DockerProviderOptions,
): EngineLaunch {
  const { port, controlPort, duckdbLibrary, spill: tempDirectory } = LAYOUT;
  return {
    ...spec,
    id,
    // Who reaches it is held by networks, and by its secrets.
    host: '0.0.0.0',
    port,
    controlPort,
    controlSecret: keys.control(id),
    duckdbLibrary,
    extensionDirectory,
    tempDirectory,
  };
}
