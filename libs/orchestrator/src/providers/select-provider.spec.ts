import { describe, expect, it } from '@jest/globals';
import { FakeProvider } from '@pondpilot/testing';
import { selectProvider, type ProviderChoices } from './select-provider.js';

const refusal = (name: string) =>
  `containers.provider (ORCHESTRATOR) is "${name}", which this version does not have. Available: auto, docker, process.`;

function choices(dockerThere: boolean) {
  const [docker, process] = [new FakeProvider(), new FakeProvider()];
  const byAuto: boolean[] = [];
  const make = (provider: FakeProvider) => async (auto: boolean) => {
    byAuto.push(auto);
    return provider;
  };
  const made: ProviderChoices = {
    docker: { there: () => dockerThere, make: make(docker) },
    process: { there: () => true, make: make(process) },
  };
  return { docker, process, made, byAuto };
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

  it('tells the provider whether it was named', async () => {
    const { made, byAuto } = choices(true);
    for (const name of ['auto', 'docker', 'process']) await selectProvider(name, made);
    expect(byAuto).toEqual([true, false, false]);
  });

  it.each(['kubernetes', 'constructor', ''])('refuses "%s" and says what is available', async (name) => {
    await expect(selectProvider(name, choices(true).made)).rejects.toThrow(refusal(name));
  });
});
