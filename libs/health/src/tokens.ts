/** How engines are kept apart, as the detailed answer shows it. */
export interface Isolation {
  /** In a word, e.g. `process_own_user`. */
  readonly isolation: string;
  /** What holds an engine back, where the provider tells: e.g. `no_new_privileges`. */
  readonly sandbox?: readonly string[];
  /** Why that is less than it could be. */
  readonly weakness?: string;
}

/** Injection token of a function that answers `Isolation`, as it is known at that moment. */
export const ISOLATION = Symbol('isolation of engines');

/** Injection token of the `Clock`. */
export const HEALTH_CLOCK = Symbol('clock of the health checks');
