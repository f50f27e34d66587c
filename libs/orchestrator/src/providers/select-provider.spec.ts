import { describe, expect, it } from '@jest/globals';
import { FakeProvider } from '@pondpilot/testing';
import { selectProvider } from './select-provider.js';

describe('selectProvider', () => {
  it.each(['auto', 'process'])('makes the process provider for "%s"', (name) => {
    const provider = new FakeProvider();
    expect(selectProvider(name, { process: () => provider })).toBe(provider);
  });

  it.each(['docker', 'constructor', ''])('refuses "%s" and says what is available', (name) => {
    expect(() => selectProvider(name, { process: () => new FakeProvider() })).toThrow(
      `containers.provider (ORCHESTRATOR) is "${name}", which this version does not have. Available: auto, process.`,
    );
  });
});
