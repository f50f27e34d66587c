import { describe, expect, it } from '@jest/globals';
import { loadConfig, type AppConfig } from '@pondpilot/config';
import { GENEROUS_LIMITS } from '@pondpilot/engine-api';
import { managerOptions } from './manager-options.js';

const database = (alias: string) =>
  ({ alias, type: 'sqlite', connectionString: `/${alias}.db`, readOnly: false }) as const;

function config(demoDatabases: string[], idleTimeoutMs = 300_000): AppConfig {
  const base = loadConfig({
    env: { JWT_SECRET: 'x'.repeat(32) },
    cwd: '/nonexistent',
    rootFile: '/nonexistent',
  });
  return {
    ...base,
    containers: { ...base.containers, idleTimeoutMs, maxPerHost: 7, queueTimeoutMs: 8000, queueSize: 9 },
    limits: { ...GENEROUS_LIMITS, transactionIdleMs: 1000 },
    duckdb: { ...base.duckdb, attachedDatabases: [database('shop'), database('payroll')] },
    security: { ...base.security, demoTokens: { enabled: true, databases: demoDatabases, maxEngines: 3 } },
  };
}

describe('engines of users', () => {
  it('have all databases as they are configured', () => {
    const { profiles, ...all } = managerOptions(config([]));
    expect(profiles.normal.spec.databases).toEqual([database('shop'), database('payroll')]);
    expect(profiles.normal).toMatchObject({ idleTimeoutMs: 300_000 });
    expect(profiles.normal).not.toHaveProperty('maxEngines');
    expect(all).toMatchObject({ maxPerHost: 7, queueTimeoutMs: 8000, maxQueue: 9 });
  });

  it('end what clients leave behind, as those of demo users do', () => {
    const { normal, demo } = managerOptions(config([])).profiles;
    const limits = { ...GENEROUS_LIMITS, transactionIdleMs: 1000 };
    expect([normal.spec.limits, demo.spec.limits]).toEqual([limits, limits]);
  });
});

describe('engines of demo users', () => {
  it('have no database unless it is named, and may write to none', () => {
    expect(managerOptions(config([])).profiles.demo.spec.databases).toEqual([]);
    const { databases } = managerOptions(config(['SHOP'])).profiles.demo.spec;
    expect(databases).toEqual([{ ...database('shop'), readOnly: true }]);
  });

  it('are few, and idle for a minute at most', () => {
    expect(managerOptions(config([])).profiles.demo).toMatchObject({ maxEngines: 3, idleTimeoutMs: 60_000 });
    expect(managerOptions(config([], 10_000)).profiles.demo.idleTimeoutMs).toBe(10_000);
  });
});
