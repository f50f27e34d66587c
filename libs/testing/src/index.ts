export type { FakeEngineBehaviour } from './engines/behaviours.js';
export { bundleFakeEngine, bundleProgram } from './engines/bundle.js';
export { enginePid } from './engines/find-engine.js';
export { fakeEngineOptions, makeScratch } from './engines/process-options.js';
export { FakeProvider, SlowProvider } from './providers/fake-provider.js';
export { RecordedLog } from './recorded-log.js';
