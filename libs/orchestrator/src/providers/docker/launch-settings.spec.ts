import { describe, expect, it } from '@jest/globals';
import { smallSpec } from '@pondpilot/testing';
import type { LaunchSpec } from '../../provider.js';
import { spillBytesOf } from './container-spec.js';
import { keys, options } from './docker.harness.js';
import { launchSettings } from './launch-settings.js';
import { LAYOUT } from './layout.js';

const MIB = 1024 ** 2;

describe('launchSettings', () => {
  it('tells an engine all that its spec has for it, and how long to wait for the next proxy', () => {
    const spec: Required<LaunchSpec> = {
      ...smallSpec,
      databases: [{ alias: 'shop', type: 'sqlite', connectionString: '/data/shop.db', readOnly: false }],
      extensions: ['spatial'],
      spillBytes: 64 * MIB,
      resultCompression: 'zstd',
    };
    const { fingerprint: _fingerprint, ...forEngine } = spec;
    expect(launchSettings('an-id', spec, options)).toEqual({
      ...forEngine,
      spillBytes: expect.any(Number),
      id: 'an-id',
      host: '0.0.0.0',
      port: LAYOUT.port,
      controlPort: LAYOUT.controlPort,
      controlSecret: keys.control('an-id'),
      duckdbLibrary: LAYOUT.duckdbLibrary,
      extensionDirectory: LAYOUT.extensionDirectory,
      tempDirectory: LAYOUT.spill,
    });
  });

  it('gives each engine a control secret of its own', () => {
    const [one, other] = ['one', 'other'].map((id) => launchSettings(id, smallSpec, options).controlSecret);
    expect(one).not.toBe(other);
  });

  it.each([{ spillBytes: 64 * MIB }, {}, { spillBytes: 16 * MIB + 1 }])(
    "has DuckDB stop short of its area's end where the configuration has %j",
    (changed) => {
      const area = spillBytesOf({ ...smallSpec, ...changed });
      const told = launchSettings('an-id', { ...smallSpec, ...changed }, options).spillBytes!;
      expect(Number.isInteger(told)).toBe(true);
      expect(told).toBeLessThan(area);
      expect(told).toBeGreaterThan(0.9 * area);
    },
  );

  it("takes the operator's extensions where there are some", () => {
    const settings = launchSettings('an-id', smallSpec, { ...options, extensionDirectory: '/ext' });
    expect(settings.extensionDirectory).toBe('/ext');
  });
});
