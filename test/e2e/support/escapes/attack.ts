import type { Protection } from './protection.js';
import type { World } from './world.js';

/** Runs SQL on the side that is attacked; answers its rows, or what was said of them, as text. */
export type Ask = (sql: string) => Promise<string>;

/** By what an attack is known to have succeeded. */
export type Effect =
  /** This text came back, which no statement of the attack holds. */
  | { readonly returns: string }
  /** This file exists now. */
  | { readonly makes: (world: World) => string | Promise<string> }
  /** This is not what it was. */
  | { readonly changes: (world: World, ask: Ask) => string | Promise<string> };

/** How statements come to an engine; `cast` is a query of which columns have to be cast to text. */
export type Way = 'query' | 'cast' | 'update' | 'prepared' | 'ingest' | 'options' | 'metadata';

export interface Attack {
  readonly hole: string;
  readonly technique: string;
  readonly without: Protection;
  /** Statements in their order; the number is the attack's own, for names. */
  readonly steps: (world: World, number: number) => string[] | Promise<string[]>;
  readonly effect: Effect;
  /** `query` where it is absent. Of several statements all but the last come by queries. */
  readonly way?: Way;
  /** The unprotected side is of no use afterwards. */
  readonly breaks?: boolean;
}
