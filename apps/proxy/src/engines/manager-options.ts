import type { AppConfig, DatabaseConfig } from '@pondpilot/config';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import { EngineKeys, type ManagerOptions, type ProfileOptions } from '@pondpilot/orchestrator';

/** Demo users may hold an engine this long without use. */
const DEMO_IDLE_MS = 60_000;

/** A proxy may take so long to come back, whatever the idle time-out. */
const LEAST_OUTLIVE_MS = 120_000;

/** What engines are like that are started for users and for demo users. */
export function managerOptions(config: AppConfig): ManagerOptions {
  const { containers, duckdb, security } = config;
  const { idleTimeoutMs } = containers;
  const warmPool = duckdb.attachedDatabases.some(isExclusive) ? 0 : containers.warmPool;
  const { enabled, maxEngines } = security.demoTokens;
  const keys = new EngineKeys(security.jwtSecret);
  return {
    profiles: {
      normal: profile(config, keys, duckdb.attachedDatabases, { idleTimeoutMs, spares: warmPool }),
      demo: profile(config, keys, demoDatabases(config), {
        idleTimeoutMs: Math.min(idleTimeoutMs, DEMO_IDLE_MS),
        maxEngines,
        spares: enabled ? Math.min(warmPool, maxEngines) : 0,
      }),
    },
    maxPerHost: containers.maxPerHost,
    queueTimeoutMs: containers.queueTimeoutMs,
    maxQueue: containers.queueSize,
    claimTimeoutMs: containers.startTimeoutMs,
    sealOwner: (engineId, owner) => keys.owner(engineId, owner),
  };
}

function profile(
  { containers, duckdb: { extensions, resultCompression, extensionDirectory }, limits }: AppConfig,
  keys: EngineKeys,
  databases: readonly AttachedDatabase[],
  bounds: Omit<ProfileOptions, 'spec'>,
): ProfileOptions {
  const { memoryBytes, spillBytes, cpus, image, runtime, network } = containers;
  const spill = spillBytes === undefined ? {} : { spillBytes };
  const alike = { databases, extensions, limits, memoryBytes, ...spill, cpus, resultCompression };
  const fingerprint = keys.fingerprint(JSON.stringify([alike, image, runtime, network, extensionDirectory]));
  const outliveMs = Math.max(LEAST_OUTLIVE_MS, 2 * bounds.idleTimeoutMs);
  return { spec: { ...alike, fingerprint, outliveMs }, ...bounds };
}

/** DuckDB lets one process alone write to a file: a spare engine would keep it from its user's next one. */
const isExclusive = ({ type, readOnly }: DatabaseConfig) => type === 'duckdb' && !readOnly;

/** Those that the setting names, for reading only whatever their own setting. */
function demoDatabases({ duckdb, security }: AppConfig): AttachedDatabase[] {
  const shown = new Set(security.demoTokens.databases.map((alias) => alias.toLowerCase()));
  return duckdb.attachedDatabases
    .filter(({ alias }) => shown.has(alias.toLowerCase()))
    .map((database) => ({ ...database, readOnly: true }));
}
