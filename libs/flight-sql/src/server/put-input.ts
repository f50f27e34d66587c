import { DomainError } from '@pondpilot/kernel';
import { FlightDataSchema, type FlightDescriptor } from '../gen/arrow/flight/protocol/Flight_pb.js';
import { decode } from '../protocol/commands.js';
import type { MessageOptions, ServerCall } from './call.js';

/** One Arrow message of a stream: a flatbuffer `Message` and its body. */
export interface IpcMessage {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** What a client puts: a descriptor, and Arrow messages, if any. */
export class PutInput implements AsyncIterable<IpcMessage> {
  private constructor(
    readonly descriptor: FlightDescriptor,
    private readonly first: IpcMessage,
    private readonly rest: AsyncIterator<Buffer>,
    private readonly options: MessageOptions,
  ) {}

  /** Reads the first message. Rejects with `invalid_argument` where it names no descriptor. */
  static async open(call: ServerCall): Promise<PutInput> {
    const options = { lent: false };
    const rest = call.messages(options)[Symbol.asyncIterator]();
    const { value, done } = await rest.next();
    if (done) throw new DomainError('invalid_argument', 'The request holds no message.');
    const { flightDescriptor, dataHeader, dataBody } = decode(FlightDataSchema, value);
    if (!flightDescriptor)
      throw new DomainError('invalid_argument', 'The first message of a DoPut must name its descriptor.');
    return new PutInput(flightDescriptor, { header: dataHeader, body: dataBody }, rest, options);
  }

  /** From now on each message is valid until the next one is asked for. */
  lend(): this {
    this.options.lent = true;
    return this;
  }

  /** The schema and what follows it, each as it comes. Messages that carry metadata alone are left out. */
  async *[Symbol.asyncIterator](): AsyncGenerator<IpcMessage> {
    if (this.first.header.byteLength > 0) yield this.first;
    for (let next = await this.rest.next(); !next.done; next = await this.rest.next()) {
      const { dataHeader, dataBody } = decode(FlightDataSchema, next.value);
      if (dataHeader.byteLength > 0) yield { header: dataHeader, body: dataBody };
    }
  }
}
