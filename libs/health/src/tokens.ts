/** Injection token of how engines are kept apart, in a word that the detailed answer shows, e.g. `process`. */
export const ISOLATION = Symbol('isolation of engines');

/** Injection token of the `Clock`. */
export const HEALTH_CLOCK = Symbol('clock of the health checks');
