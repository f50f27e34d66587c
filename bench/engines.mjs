import { ProcessProvider, defaultStateDirectory } from '@pondpilot/orchestrator';
import { CALL_SECRET_HEADER, EngineControlClient, GENEROUS_LIMITS } from '@pondpilot/engine-api';
import { parseSize, randomSecret } from '@pondpilot/kernel';
import { engineRuntime } from '../apps/proxy/dist/engines/engine-runtime.js';
import { runtimeNode } from '../scripts/lib/node.mjs';
import { databaseAt, cpus, memory } from './same-for-all.mjs';

const ANSWER_MS = 10_000;

/** Starts engines as the proxy would, to be called directly. `nodeArguments` are for profiles. */
export class Engines {
  constructor(file, nodeArguments = []) {
    const runtime = engineRuntime();
    this.provider = new ProcessProvider({
      ...runtime,
      node: runtimeNode(),
      nodeArguments: [...runtime.nodeArguments, ...nodeArguments],
      stateDirectory: defaultStateDirectory(),
      startTimeoutMs: 30_000,
      answerTimeoutMs: ANSWER_MS,
    });
    const { alias, type, path } = databaseAt(file);
    this.spec = {
      databases: [{ alias, type, connectionString: path, readOnly: true }],
      extensions: [],
      limits: GENEROUS_LIMITS,
      resultCompression: 'none',
      fingerprint: 'bench',
      outliveMs: 600_000,
      memoryBytes: parseSize(memory),
      cpus,
    };
  }

  /** An engine that is somebody's. Resolves with `{ target, stop }`. */
  async start() {
    const engine = await this.provider.launch(this.spec);
    const secret = randomSecret();
    const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
    await control.claim('bench', secret, ANSWER_MS);
    control.close();
    const target = {
      location: `grpc://${engine.host}:${engine.port}`,
      headers: { [CALL_SECRET_HEADER]: secret },
    };
    return { target, stop: () => this.provider.stop(engine.id, 'shutdown') };
  }

  close() {
    return this.provider.close();
  }
}
