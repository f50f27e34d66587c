import type { Isolation } from '@pondpilot/health';
import { ProcessProvider, type EngineProvider } from '@pondpilot/orchestrator';

/** How far engines are kept apart: child processes have a user each only where the proxy runs as root. */
export function isolationOf(provider: EngineProvider): () => Isolation {
  const isolation = kindOf(provider);
  return () => {
    const { strength: sandbox, weakness } = provider;
    return { isolation, ...(sandbox && { sandbox }), ...(weakness === undefined ? {} : { weakness }) };
  };
}

function kindOf(provider: EngineProvider): string {
  if (!(provider instanceof ProcessProvider)) return provider.name;
  return provider.isolation.ownUser ? 'process_own_user' : 'process_same_user';
}
