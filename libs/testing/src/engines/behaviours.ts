/** Where a fake engine keeps the ids of connections that it was told the end of, in its folder: one a line. */
export const CLOSED_CONNECTIONS = 'closed-connections';

/** What a fake engine does: all that it should, or one thing that it should not. */
export type FakeEngineBehaviour =
  | 'obedient'
  /** Never reports. */
  | 'slow-to-start'
  /** Reports ports that accept connections, and says nothing on them. */
  | 'never-answers'
  /** Says on standard error why, its control secret included, and exits with code 3. */
  | 'exits-at-start'
  /** Reports that it can't start. */
  | 'reports-failure'
  /** Prints a line of a megabyte, then a report whose ports are none. */
  | 'prints-garbage'
  | 'ignores-sigterm'
  /** Lives on when its parent is gone. */
  | 'ignores-end-of-input';
