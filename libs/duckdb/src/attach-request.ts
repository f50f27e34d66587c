import type { ServerAddress, ServerType } from '@pondpilot/kernel';

interface AttachCommon {
  readonly alias: string;
  readonly readOnly: boolean;
}

/** A database file to attach. */
export interface AttachFile extends AttachCommon {
  readonly type: 'duckdb' | 'sqlite';
  readonly path: string;
}

/** A database on a server to attach. */
export interface AttachServer extends AttachCommon {
  readonly type: ServerType;
  readonly address: ServerAddress;
}

export type AttachRequest = AttachFile | AttachServer;
