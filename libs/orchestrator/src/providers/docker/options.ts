import type { AttachedDatabase } from '@pondpilot/engine-api';
import type { EngineKeys } from '../../engine-keys.js';

/** The project's own image of engines. */
export const ENGINE_IMAGE = 'ghcr.io/pondpilot/engine:latest';

/** The default of `containers.network`: engines get a network of the deployment's own. */
export const DEFAULT_NETWORK = 'bridge';

/** Which daemon that is, `DOCKER_HOST` and its companions say, else it is the one of the local socket. */
export interface DockerProviderOptions {
  readonly image: string;
  /** `containers.network`. */
  readonly network: string;
  /** OCI runtime, e.g. `runsc`; the daemon's default where there is none. */
  readonly runtime?: string;
  /** A folder with DuckDB's extensions, as the proxy sees it, in the place of the image's own. */
  readonly extensionDirectory?: string;
  /** What will be attached: `check()` tells which of it engines can't reach. */
  readonly databases?: readonly AttachedDatabase[];
  readonly keys: EngineKeys;
  /** What else to do where Docker can't be used, e.g. `set X`; ends what `check()` says of that. */
  readonly otherwise?: string;
  /** How long an engine may take from its container's start until it reports its ports. */
  readonly startTimeoutMs: number;
  /** How long it then may take to answer. */
  readonly answerTimeoutMs: number;
  /** Called with each line that an engine writes to standard error, cut to a bounded length, secrets blotted out. */
  readonly onOutput?: ((engineId: string, line: string) => void) | undefined;
}
