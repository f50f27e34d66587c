export { HealthModule } from './health.module.js';
export { HealthService } from './health.service.js';
export type { DetailedAnswer, ReadyAnswer } from './health.service.js';
export { HealthWatch } from './health-watch.js';
export { Lifecycle } from './lifecycle.js';
export type { Phase } from './lifecycle.js';
export { HEALTH_CLOCK, ISOLATION } from './tokens.js';
export type { Isolation } from './tokens.js';
