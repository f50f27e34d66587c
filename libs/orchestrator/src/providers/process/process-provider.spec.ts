import { afterAll, beforeAll } from '@jest/globals';
import { rm } from 'node:fs/promises';
import {
  enginePid,
  fakeEngineOptions,
  makeScratch,
  smallSpec,
  type FakeEngineBehaviour,
} from '@pondpilot/testing';
import { describeProvider, type ProviderUnderTest } from '../../provider.contract.js';
import { ProcessProvider } from './process-provider.js';

let scratch = '';

beforeAll(async () => {
  scratch = await makeScratch();
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

async function make(behaviour: FakeEngineBehaviour, ownUser: boolean): Promise<ProviderUnderTest> {
  const options = await fakeEngineOptions(scratch, behaviour);
  return {
    provider: new ProcessProvider({ ...options, ownUser }),
    spec: smallSpec,
    kill: (engineId) => void process.kill(enginePid(engineId)!, 'SIGKILL'),
  };
}

// Where the specs do not run as root both are the same.
for (const ownUser of [true, false]) {
  describeProvider(`process, ${ownUser ? 'own users where possible' : "the proxy's own user"}`, {
    make: () => make('obedient', ownUser),
    makeFailing: () => make('exits-at-start', ownUser),
  });
}
