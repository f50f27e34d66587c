import { describe, expect, it } from '@jest/globals';
import type { EngineLaunch } from '@pondpilot/engine-api';
import { smallSpec } from '@pondpilot/testing';
import type { LaunchSpec } from '../../provider.js';
import { launchSettings } from './launch-settings.js';

const runtime = {
  folder: undefined,
  node: '/run/node',
  entry: '/run/engine.mjs',
  duckdbLibrary: '/run/libduckdb.so',
  extensionDirectory: '/run/extensions',
};

describe('launchSettings', () => {
  it('tells an engine all that its spec has for it', () => {
    const spec: Required<LaunchSpec> = {
      ...smallSpec,
      databases: [{ alias: 'shop', type: 'sqlite', connectionString: '/data/shop.db', readOnly: false }],
      extensions: ['spatial'],
      spillBytes: 64 * 1024 ** 2,
      resultCompression: 'zstd',
    };
    const { fingerprint: _fingerprint, outliveMs: _outliveMs, ...forEngine } = spec;
    expect(launchSettings('an-id', spec, runtime, '/state/an-id')).toEqual({
      ...forEngine,
      id: 'an-id',
      host: '127.0.0.1',
      controlSecret: expect.stringMatching(/.{32}/),
      duckdbLibrary: runtime.duckdbLibrary,
      extensionDirectory: runtime.extensionDirectory,
      tempDirectory: '/state/an-id',
    });
  });

  it('has none of them outlive the proxy, whose children they are', () => {
    const launch: EngineLaunch = launchSettings('an-id', { ...smallSpec, outliveMs: 1000 }, runtime, '/x');
    expect(launch).not.toHaveProperty('outliveMs');
  });
});
