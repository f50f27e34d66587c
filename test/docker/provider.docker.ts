import { execFileSync } from 'node:child_process';
import { randomSecret } from '@pondpilot/kernel';
import { EngineKeys } from '@pondpilot/orchestrator';
import { describeProvider, type ProviderUnderTest } from '@pondpilot/orchestrator/contract';
import { DockerProvider } from '@pondpilot/orchestrator/docker';
import { smallSpec } from '@pondpilot/testing';
import Docker from 'dockerode';
import { images } from './support/docker.js';

const docker = new Docker();

async function make(image: string): Promise<ProviderUnderTest> {
  const provider = new DockerProvider({
    image,
    network: 'bridge',
    keys: new EngineKeys(randomSecret()),
    startTimeoutMs: 30_000,
    answerTimeoutMs: 10_000,
  });
  return {
    provider,
    spec: smallSpec,
    kill: (engineId) => docker.getContainer(`pondpilot-${engineId}`).kill(),
  };
}

/** Engines that end before they have reported anything. */
function failingImage(): string {
  const lines = `FROM ${images.engine}\nENTRYPOINT ["/usr/local/bin/node", "-e", "process.exit(3)"]\n`;
  execFileSync('docker', ['build', '-q', '-t', 'pondpilot-test/failing', '-'], {
    input: lines,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  return 'pondpilot-test/failing';
}

describeProvider('docker', { make: () => make(images.engine), makeFailing: () => make(failingImage()) });
