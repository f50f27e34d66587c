export { Log } from './log.js';
export type { LogFields } from './log.js';
export { FrameworkLogger } from './framework-logger.js';
export { ObservabilityModule } from './observability.module.js';
export type { ObservabilityOptions } from './observability.module.js';
export { formatLogfmt, formatPretty } from './formats.js';
