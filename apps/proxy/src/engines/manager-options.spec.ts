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

describe('spare engines', () => {
  const sparesOf = (attachedDatabases: AppConfig['duckdb']['attachedDatabases'], warmPool = 2) => {
    const base = config(['shop']);
    const { normal, demo } = managerOptions({
      ...base,
      containers: { ...base.containers, warmPool },
      duckdb: { ...base.duckdb, attachedDatabases },
    }).profiles;
    return [normal.spares, demo.spares];
  };

  it('are as many as configured, and for demo users no more than they may have', () => {
    expect(sparesOf([database('shop')])).toEqual([2, 2]);
    expect(sparesOf([database('shop')], 7)).toEqual([7, 3]);
  });

  it('are none where one process alone may write to an attached file', () => {
    const exclusive = { ...database('shop'), type: 'duckdb' } as const;
    expect(sparesOf([exclusive])).toEqual([0, 0]);
    expect(sparesOf([{ ...exclusive, readOnly: true }])).toEqual([2, 2]);
  });
});

describe('the fingerprint of an engine', () => {
  const fingerprintWith = (containers: Partial<AppConfig['containers']>) => {
    const base = config([]);
    const changed = { ...base, containers: { ...base.containers, ...containers } };
    return managerOptions(changed).profiles.normal.spec.fingerprint;
  };

  it('is another one for what an engine runs on, and the same for what only the proxy does', () => {
    const same = fingerprintWith({});
    for (const changed of [{ runtime: 'runsc' }, { network: 'other' }, { image: 'mine' }, { memoryBytes: 1 }])
      expect(fingerprintWith(changed)).not.toBe(same);
    expect(fingerprintWith({ maxPerHost: 3, warmPool: 5 })).toBe(same);
  });
});
