import { DomainError } from '@pondpilot/kernel';
import type { EngineProvider } from '../provider.js';

/** How each provider that this build has is made; made only when chosen. */
export type ProviderFactories = Readonly<Record<string, () => EngineProvider>>;

/** What `auto` tries, best first. */
const PREFERENCE = ['process'];

/**
 * The provider that `containers.provider` names. Throws `failed_precondition` for one that this build does not have,
 * and names those that it has.
 */
export function selectProvider(name: string, factories: ProviderFactories): EngineProvider {
  const chosen = name === 'auto' ? PREFERENCE.find((candidate) => factories[candidate]) : name;
  const make = chosen !== undefined && Object.hasOwn(factories, chosen) ? factories[chosen] : undefined;
  if (make) return make();
  const available = ['auto', ...Object.keys(factories)].join(', ');
  throw new DomainError(
    'failed_precondition',
    `containers.provider (ORCHESTRATOR) is "${name}", which this version does not have. Available: ${available}.`,
  );
}
