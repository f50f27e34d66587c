import type { Pointer } from '../native/api.js';
import type { Failure } from './failure.js';

/** Native memory to write one message into. */
export interface SlotMemory {
  readonly pointer: Pointer;
  readonly bytes: number;
}

/** One Arrow message in a slot's memory: the flatbuffer `Message`, and the body behind it. Offsets in bytes. */
export interface EncodedMessage {
  /** Where it lies, if not in the slot that was given: it was too large, and the receiver frees this one. */
  readonly memory: SlotMemory | undefined;
  readonly headerStart: number;
  readonly headerBytes: number;
  readonly bodyStart: number;
  readonly bodyBytes: number;
  readonly rows: number;
  /** Nothing comes behind it, and the stream is closed. */
  readonly last: boolean;
}

/** What is known of a statement before it runs. */
export interface PreparedStatement {
  readonly prepared: Pointer;
  /** DuckDB's statement type, see `statement-type.ts`. */
  readonly type: number;
  readonly parameterCount: number;
  /** The flatbuffer `Message` with the result's schema. */
  readonly schema: Uint8Array;
  /** The result is the number of changed rows and nothing else. */
  readonly countsOnly: boolean;
}

export interface OpenedResult {
  /** Names the stream in later requests; 0 where there is nothing behind the first message. */
  readonly stream: number;
  readonly schema: Uint8Array;
  /** Rows that the statement changed; 0 for queries. */
  readonly rowsChanged: number;
  /** First message, unless there is none. */
  readonly first: EncodedMessage | undefined;
}

/** Requests to a worker thread and what each is answered with. */
export interface Operations {
  /** Prepares, and closes what was prepared before, if anything. */
  prepare: { request: { connection: Pointer; sql: string; replaces: Pointer }; response: PreparedStatement };
  closePrepared: { request: { prepared: Pointer }; response: null };
  /** Executes and makes the first message. The prepared statement is closed with the result. */
  open: {
    request: { connection: Pointer; statement: { prepared: Pointer } | { sql: string }; slot: SlotMemory };
    response: OpenedResult;
  };
  next: { request: { stream: number; slot: SlotMemory }; response: EncodedMessage | null };
  close: { request: { stream: number }; response: null };
  run: { request: { connection: Pointer; sql: string }; response: null };
  connect: { request: { database: Pointer }; response: Pointer };
  disconnect: { request: { connection: Pointer }; response: null };
  openDatabase: {
    request: { path: string; settings: Readonly<Record<string, string>> };
    response: Pointer;
  };
}

export type Operation = keyof Operations;

export interface WorkerRequest<O extends Operation = Operation> {
  readonly id: number;
  readonly operation: O;
  readonly request: Operations[O]['request'];
}

export type WorkerResponse =
  | { readonly id: number; readonly value: Operations[Operation]['response'] }
  | { readonly id: number; readonly failure: Failure };

export interface WorkerSettings {
  readonly duckdbLibrary: string;
}
