import type { Servers } from './servers.js';

/** What is left out for an attack to succeed; the guard is always left out with it. */
export type Protection = 'guard' | 'read-only' | 'conditions here';

/** By what an attack is known to have succeeded. */
export type Effect =
  /** This text came back. */
  | { readonly returns: string }
  /** This is not what it was. */
  | { readonly changes: (servers: Servers) => Promise<string> }
  /** A file of this name, which the server wrote. */
  | { readonly makes: string };

/** An attack on a database server by way of an attached database. */
export interface ServerAttack {
  readonly hole: string;
  readonly technique: string;
  readonly without: Protection;
  /** Statements in their order; the number is the attack's own, for names. */
  readonly steps: (servers: Servers, number: number) => readonly string[];
  readonly effect: Effect;
}
