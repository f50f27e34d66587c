/** What is left out of an engine for an attack to succeed; the guard is always left out with it. */
export type Protection =
  | 'external access'
  | 'locked configuration'
  | 'guard'
  | 'secret'
  | 'read-only'
  | 'quoting of names'
  | 'cutting of statements';
