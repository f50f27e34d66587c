export { Orchestrator } from './orchestrator.js';
export type {
  EngineLease,
  EngineProfile,
  OrchestratorStatistics,
  Owner,
  Waiting,
  WaitStep,
} from './orchestrator.js';
export { inSeconds, waitedFor } from './wait-words.js';
export { EngineKeys } from './engine-keys.js';
export type {
  Adoption,
  EngineDeath,
  EngineProvider,
  LaunchSpec,
  LaunchStep,
  LeftEngine,
  ProviderCheck,
  RunningEngine,
  StopReason,
} from './provider.js';
export { EngineManager } from './manager/engine-manager.js';
export type { ManagerParts } from './manager/engine-manager.js';
export type { EngineLog } from './manager/engine-log.js';
export type { ManagerOptions, ProfileOptions } from './manager/options.js';
export type { AskHealth, ClaimEngine, TellClosed } from './manager/control.js';
export { ProcessProvider } from './providers/process/process-provider.js';
export { defaultStateDirectory } from './providers/process/options.js';
export type { ProcessProviderOptions } from './providers/process/options.js';
export { selectProvider } from './providers/select-provider.js';
export type { ProviderChoice, ProviderChoices } from './providers/select-provider.js';
