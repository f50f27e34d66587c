import { randomSecret } from '@pondpilot/kernel';
import type { EngineLaunch } from '@pondpilot/engine-api';
import type { LaunchSpec } from '../../provider.js';
import type { Runtime } from './runtime.js';

/** Where engines listen: nobody but this machine reaches them. */
export const HOST = '127.0.0.1';

/** What an engine is told at its start: all of the spec, and what is its own. `folder` is the engine's. */
export function launchSettings(id: string, spec: LaunchSpec, runtime: Runtime, folder: string): EngineLaunch {
  const { duckdbLibrary, extensionDirectory } = runtime;
  return {
    id,
    host: HOST,
    controlSecret: randomSecret(),
    duckdbLibrary,
    ...(extensionDirectory === undefined ? {} : { extensionDirectory }),
    tempDirectory: folder,
    memoryBytes: spec.memoryBytes,
    cpus: spec.cpus,
    extensions: spec.extensions,
    limits: spec.limits,
    databases: spec.databases,
  };
}
