import { describe, expect, it } from '@jest/globals';
import { FakeProvider } from '@pondpilot/testing';
import { selectProvider, type ProviderChoices } from './select-provider.js';

const refusal = (name: string) =>
  `containers.provider (ORCHESTRATOR) is "${name}", which this version does not have. Available: auto, docker, process.`;

function choices(dockerThere: boolean) {
  const [docker, process] = [new FakeProvider(), new FakeProvider()];
  const made: ProviderChoices = {
    docker: { there: () => dockerThere, make: async () => docker },
    process: { there: () => true, make: async () => process },
  };
  return { docker, process, made };
}

describe('selectProvider', () => {
  it('makes the provider that is named, whether it is there or not', async () => {
    const { docker, process, made } = choices(false);
    expect(await selectProvider('docker', made)).toBe(docker);
    expect(await selectProvider('process', made)).toBe(process);
  });

  it('makes the first that is there for "auto"', async () => {
    const [without, withIt] = [choices(false), choices(true)];
    expect(await selectProvider('auto', without.made)).toBe(without.process);
    expect(await selectProvider('auto', withIt.made)).toBe(withIt.docker);
  });

  it.each(['kubernetes', 'constructor', ''])('refuses "%s" and says what is available', async (name) => {
    await expect(selectProvider(name, choices(true).made)).rejects.toThrow(refusal(name));
  });
});
