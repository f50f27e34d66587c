import type { AppConfig } from '@pondpilot/config';
import type { Log } from '@pondpilot/observability';
import { ProcessProvider, defaultStateDirectory } from '@pondpilot/orchestrator';
import { engineRuntime } from './engine-runtime.js';

/** The provider of engines as child processes, as this configuration wants it. */
export function makeProcessProvider({ containers, duckdb }: AppConfig, log: Log): ProcessProvider {
  const { extensionDirectory, attachedDatabases } = duckdb;
  return new ProcessProvider({
    ...engineRuntime(),
    ...(extensionDirectory === undefined ? {} : { extensionDirectory }),
    stateDirectory: defaultStateDirectory(),
    startTimeoutMs: containers.startTimeoutMs,
    answerTimeoutMs: containers.startTimeoutMs,
    databases: attachedDatabases,
    onOutput: (id, line) => log.warn('Container output', { container_id: id, line }),
  });
}
