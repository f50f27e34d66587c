import { DomainError } from '@pondpilot/kernel';
import type { EngineProvider } from '../provider.js';

/** A provider that this build has. */
export interface ProviderChoice {
  /** May `auto` take it: is what it needs on this machine? */
  readonly there: () => boolean;
  /** Loads and makes it; called only where it is chosen. `auto`: nobody has named it. */
  readonly make: (auto: boolean) => Promise<EngineProvider>;
}

/** By their names in the configuration, in the order in which `auto` tries them. */
export type ProviderChoices = Readonly<Record<string, ProviderChoice>>;

/**
 * The provider that `containers.provider` names. Throws `failed_precondition` for one that this build does not have,
 * and names those that it has.
 */
export async function selectProvider(name: string, choices: ProviderChoices): Promise<EngineProvider> {
  const auto = name === 'auto';
  const chosen = auto ? Object.values(choices).find(({ there }) => there()) : own(choices, name);
  if (chosen) return chosen.make(auto);
  const available = ['auto', ...Object.keys(choices)].join(', ');
  throw new DomainError(
    'failed_precondition',
    `containers.provider (ORCHESTRATOR) is "${name}", which this version does not have. Available: ${available}.`,
  );
}

function own(choices: ProviderChoices, name: string): ProviderChoice | undefined {
  return Object.hasOwn(choices, name) ? choices[name] : undefined;
}
