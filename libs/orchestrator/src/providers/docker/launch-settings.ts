import type { EngineLaunch } from '@pondpilot/engine-api';
import type { LaunchSpec } from '../../provider.js';
import { spillBytesOf } from './container-spec.js';
import { LAYOUT } from './layout.js';
import type { DockerProviderOptions } from './options.js';

/** DuckDB stops short of the area's end: its own error says more than that of a full disk. */
const DUCKDB_SHARE = 0.95;

/** What an engine is told at its start: all of its spec, and what is its own. A container outlives the proxy. */
export function launchSettings(
  id: string,
  { fingerprint: _fingerprint, ...spec }: LaunchSpec,
  { keys, extensionDirectory = LAYOUT.extensionDirectory }: DockerProviderOptions,
): EngineLaunch {
  const { port, controlPort, duckdbLibrary, spill: tempDirectory } = LAYOUT;
  return {
    ...spec,
    spillBytes: Math.floor(spillBytesOf(spec) * DUCKDB_SHARE),
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
