export type { FakeEngineBehaviour } from './engines/behaviours.js';
export { bundleFakeEngine, bundleProgram } from './engines/bundle.js';
export { FakeHealth } from './engines/fake-health.js';
export type { HealthFacts } from './engines/fake-health.js';
export { closedConnections, enginePid } from './engines/find-engine.js';
export { fakeEngineOptions, makeScratch } from './engines/process-options.js';
export { BadProvider, NeverProvider } from './providers/failing-providers.js';
export { FakeProvider, SlowProvider } from './providers/fake-provider.js';
export { RecordedLog } from './recorded-log.js';
