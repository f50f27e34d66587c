import type { Compression } from '@pondpilot/duckdb';
import type { Activity } from '../activity.js';
import type { Catalog } from '../catalog.js';
import type { AttachedDatabases } from '../attached-databases.js';
import type { PreparedStatements } from '../prepared-statements.js';
import type { ResultLimits } from '../send-result.js';
import type { Sessions } from '../sessions.js';
import type { Statements } from '../statements.js';
import type { Tickets } from '../tickets.js';

/** What commands work with. */
export interface CommandParts extends ResultLimits {
  readonly sessions: Sessions;
  readonly statements: Statements;
  readonly activity: Activity;
  readonly databases: AttachedDatabases;
  readonly catalog: Catalog;
  readonly tickets: Tickets;
  readonly prepared: PreparedStatements;
  readonly duckdbVersion: string;
  /** Of results whose clients ask for none. */
  readonly resultCompression: Compression;
}
