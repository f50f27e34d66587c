import { DomainError } from '@pondpilot/kernel';
import type { AppConfig } from '@pondpilot/config';
import type { AttachedDatabase } from '@pondpilot/engine-api';
import type { ManagerOptions, ProfileOptions } from '@pondpilot/orchestrator';

/** Demo users may hold so many engines together, and each this long without use. */
const DEMO_ENGINES = 5;
const DEMO_IDLE_MS = 60_000;

const LIMITS = { transactionIdleMs: 300_000, streamStallMs: 300_000 };

/** What engines are like that are started for users and for demo users. */
export function managerOptions(config: AppConfig): ManagerOptions {
  const { containers, duckdb } = config;
  duckdb.attachedDatabases.forEach(requireServed);
  const { idleTimeoutMs } = containers;
  return {
    profiles: {
      normal: profile(config, duckdb.attachedDatabases, { idleTimeoutMs }),
      demo: profile(config, demoDatabases(config), {
        idleTimeoutMs: Math.min(idleTimeoutMs, DEMO_IDLE_MS),
        maxEngines: DEMO_ENGINES,
      }),
    },
    maxPerHost: containers.maxPerHost,
    claimTimeoutMs: containers.startTimeoutMs,
  };
}

/** Throws `unimplemented` for a database that no engine can attach, rather than let every query of it fail. */
function requireServed({ alias, type }: AttachedDatabase): void {
  if (type === 'duckdb' || type === 'sqlite') return;
  throw new DomainError(
    'unimplemented',
    `duckdb.attached_databases: ${alias} is of type ${type}, but engines attach only sqlite and duckdb so far. Take it out.`,
  );
}

function profile(
  { containers: { memoryBytes, cpus }, duckdb: { extensions } }: AppConfig,
  databases: readonly AttachedDatabase[],
  limits: Omit<ProfileOptions, 'spec'>,
): ProfileOptions {
  return { spec: { databases, extensions, limits: LIMITS, memoryBytes, cpus }, ...limits };
}

/** Those that the setting names, for reading only whatever their own setting. */
function demoDatabases({ duckdb, security }: AppConfig): AttachedDatabase[] {
  const shown = new Set(security.demoTokens.databases.map((alias) => alias.toLowerCase()));
  return duckdb.attachedDatabases
    .filter(({ alias }) => shown.has(alias.toLowerCase()))
    .map((database) => ({ ...database, readOnly: true }));
}
