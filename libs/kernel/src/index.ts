export { DomainError, grpcStatus, httpStatus, messageOf, toDomainError } from './errors.js';
export type { ErrorKind } from './errors.js';
export { systemClock } from './clock.js';
export type { Clock } from './clock.js';
export { ManualClock } from './manual-clock.js';
export { parseDuration, parseSize } from './units.js';
export { randomId, randomSecret, secretsEqual } from './ids.js';
export { parseConnectionString, parseFilePath } from './connection-string.js';
export type { ServerAddress, ServerType } from './connection-string.js';
