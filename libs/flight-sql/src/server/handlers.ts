import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import type { ServerCall } from './call.js';
import type { PutInput } from './put-input.js';

/** What GetFlightInfo has to tell of a result. */
export interface ResultInfo {
  /** The flatbuffer `Message` with the schema. */
  readonly schema: Uint8Array;
  readonly ticket: Uint8Array;
}

/** How far a result is that is being made. */
export interface PollAnswer {
  /** Undefined until there is a ticket; the schema alone is known earlier. */
  readonly ticket: Uint8Array | undefined;
  readonly schema: Uint8Array;
  /** The `cmd` to ask with again; undefined where it is done. */
  readonly next: Uint8Array | undefined;
  /** 0 to 1; undefined where nobody knows. */
  readonly progress: number | undefined;
}

/** One command of Flight SQL, with an answer for each way in which clients may send it. */
export interface Command<D extends DescMessage> {
  readonly message: D;
  /** GetSchema: the flatbuffer `Message` of the result's schema. */
  schema?(command: MessageShape<D>, call: ServerCall): Promise<Uint8Array>;
  /** GetFlightInfo. Without it the command is its own ticket, and has the schema of `schema`. */
  info?(command: MessageShape<D>, call: ServerCall): Promise<ResultInfo>;
  /** PollFlightInfo. Without it a result is done at once, as `info` has it. */
  poll?(command: MessageShape<D>, call: ServerCall): Promise<PollAnswer>;
  /** DoGet: sends FlightData frames; the caller ends the call. */
  stream?(command: MessageShape<D>, call: ServerCall): Promise<void>;
  /** DoPut: resolves with the `app_metadata` of the one PutResult. */
  put?(command: MessageShape<D>, input: PutInput, call: ServerCall): Promise<Uint8Array>;
}

/** One action. Messages of Flight SQL are unpacked from an `Any` and packed into one. */
export interface Action<I extends DescMessage, O extends DescMessage> {
  readonly type: string;
  readonly description: string;
  readonly request: I;
  /** What it is answered with; absent where there is nothing to say. */
  readonly response?: O;
  run(request: MessageShape<I>, call: ServerCall): Promise<MessageInitShape<O> | void>;
}

export type AnyCommand = Command<DescMessage>;
export type AnyAction = Action<DescMessage, DescMessage>;

/** All that a server answers to. */
export interface Handlers {
  readonly commands?: readonly AnyCommand[];
  readonly actions?: readonly AnyAction[];
}

/** Lets TypeScript know the message of a command in its methods. */
export function command<D extends DescMessage>(of: Command<D>): AnyCommand {
  return of as unknown as AnyCommand;
}

/** Lets TypeScript know the messages of an action. */
export function action<I extends DescMessage, O extends DescMessage>(of: Action<I, O>): AnyAction {
  return of as unknown as AnyAction;
}
