import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AttachedDatabase } from '@pondpilot/engine-api';

export interface ProcessProviderOptions {
  /** The Node binary that runs engines; usually `process.execPath`. */
  readonly node: string;
  /** Arguments of Node itself, before the program. */
  readonly nodeArguments?: readonly string[];
  /** The bundled engine program. */
  readonly entry: string;
  /**
   * Files and folders that the program finds beside itself. Where engines run under users of their own, they are
   * staged with it: those below its folder keep their place, others come to lie next to it.
   */
  readonly files?: readonly string[];
  /** DuckDB's shared library. */
  readonly duckdbLibrary: string;
  /** Where DuckDB's extensions lie. */
  readonly extensionDirectory?: string;
  /** Where engines have their folders. One machine or container each: it is swept at the start. */
  readonly stateDirectory: string;
  /** How long an engine may take from its spawn until it reports its ports. */
  readonly startTimeoutMs: number;
  /** How long it then may take to answer. */
  readonly answerTimeoutMs: number;
  /** What will be attached: `check()` tells which of the files engines can't read. */
  readonly databases?: readonly AttachedDatabase[];
  /** `false` runs engines under the proxy's own user even where they could have their own. */
  readonly ownUser?: boolean;
  /** Called with each line that an engine writes to standard error, cut to a bounded length, secrets blotted out. */
  readonly onOutput?: (engineId: string, line: string) => void;
}

/** Where state lies unless configured: `/var/lib/pondpilot-proxy` as root, else a folder per user below the system's temp. */
export function defaultStateDirectory(uid: number = process.getuid?.() ?? 0): string {
  return uid === 0 ? '/var/lib/pondpilot-proxy' : join(tmpdir(), `pondpilot-proxy-${uid}`);
}
