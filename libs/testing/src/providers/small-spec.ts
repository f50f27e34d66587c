import { GENEROUS_LIMITS } from '@pondpilot/engine-api';
import type { LaunchSpec } from '@pondpilot/orchestrator';

/** An engine without databases, as a specification may want one. */
export const smallSpec: LaunchSpec = {
  databases: [],
  extensions: [],
  limits: GENEROUS_LIMITS,
  memoryBytes: 512 * 1024 * 1024,
  cpus: 0.5,
  resultCompression: 'none',
  fingerprint: 'small',
  outliveMs: 600_000,
};
