import type { Isolation } from '@pondpilot/health';
import { ProcessProvider, type EngineProvider } from '@pondpilot/orchestrator';

/** How far engines are kept apart: child processes have a user each only where the proxy runs as root. */
export function isolationOf(provider: EngineProvider): () => Isolation {
  if (!(provider instanceof ProcessProvider)) return () => ({ isolation: provider.name });
  const isolation = provider.isolation.ownUser ? 'process_own_user' : 'process_same_user';
  return () => {
    const { strength, weakness } = provider;
    return { isolation, sandbox: strength, ...(weakness === undefined ? {} : { weakness }) };
  };
}
