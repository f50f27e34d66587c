import type { Compression } from '../arrow/compress-body.js';
import type { Pointer } from '../native/api.js';
import type { ParameterRows } from '../parameters/parameter-type.js';
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

/** What an Arrow message that waits takes beside its body and what it unfolds to, in JavaScript above all. */
export const MESSAGE_OVERHEAD_BYTES = 16 * 1024;

/** Where the list of an `ArraySource` lies, which another thread made, and its function. */
export interface SourceAddress {
  readonly list: Pointer;
  readonly getNext: Pointer;
}

/** What became of an Arrow message. */
export interface Written {
  /** By the statement that ran meanwhile, if one did. */
  readonly rowsChanged: number;
  /** Neither this message's body nor one before it is needed any more. */
  readonly done: boolean;
}

/** What is known of a statement before it runs. */
export interface PreparedStatement {
  readonly prepared: Pointer;
  /** DuckDB's statement type, see `statement-type.ts`. */
  readonly type: number;
  /** The flatbuffer `Message` with the parameters as fields; those without a type yet are null. Undefined where there are none. */
  readonly parameterSchema: Uint8Array | undefined;
  /** The flatbuffer `Message` with the result's schema. */
  readonly schema: Uint8Array;
  /** The type of a column hangs on a parameter, and is told as null. */
  readonly unresolved: boolean;
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

/** What to execute: a text, or what was prepared from one. */
export type Statement =
  { readonly prepared: Pointer } | { readonly sql: string; readonly dictionaries: boolean };

/** Requests to a worker thread and what each is answered with. */
export interface Operations {
  /** Prepares, and closes what was prepared before, if anything. */
  prepare: {
    /** `dictionaries`: ENUMs may come as such; else as text where that can be. */
    request: { connection: Pointer; sql: string; dictionaries: boolean; replaces: Pointer };
    response: PreparedStatement;
  };
  closePrepared: { request: { prepared: Pointer }; response: null };
  /** Executes and makes the first message. The prepared statement is closed with the result. */
  open: {
    request: {
      connection: Pointer;
      statement: Statement;
      /** One row; undefined where the statement has no parameters. */
      parameters: ParameterRows | undefined;
      compression: Compression;
      slot: SlotMemory;
    };
    response: OpenedResult;
  };
  /** Executes once for each row and drops the results. Closes the prepared statement. */
  executeRows: {
    request: { connection: Pointer; statement: Statement; parameters: ParameterRows };
    response: { rowsChanged: number };
  };
  next: { request: { stream: number; slot: SlotMemory }; response: EncodedMessage | null };
  close: { request: { stream: number }; response: null };
  run: { request: { connection: Pointer; sql: string }; response: null };
  /** Makes the view of an Arrow schema's columns, without rows, in a hidden database of that name. */
  openArrow: {
    request: {
      database: Pointer;
      name: string;
      schema: Uint8Array;
      source: SourceAddress;
      batchBytes: number;
    };
    response: { scan: number; columns: readonly string[]; view: string };
  };
  runArrow: { request: { scan: number; connection: Pointer; sql: string }; response: number };
  /** Runs the statement only where enough has been gathered for it. */
  writeArrow: {
    request: {
      scan: number;
      connection: Pointer;
      header: Uint8Array;
      memory: SlotMemory;
      bodyBytes: number;
      sql: string;
    };
    response: Written;
  };
  /** Runs the statement over what has been gathered; answers the rows that it changed. */
  flushArrow: { request: { scan: number; connection: Pointer; sql: string }; response: number };
  closeArrow: { request: { scan: number }; response: null };
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

/** What a thread is told first. */
export interface WorkerSettings {
  readonly duckdbLibrary: string;
}
