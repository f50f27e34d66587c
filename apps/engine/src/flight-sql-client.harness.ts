import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import { CONNECTION_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import {
  ActionSchema,
  CommandStatementQuerySchema,
  CommandStatementUpdateSchema,
  DoPutUpdateResultSchema,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  PollInfoSchema,
  PutResultSchema,
  ResultSchema,
  TicketSchema,
  frameMessage,
  packAny,
} from '@pondpilot/flight-sql';
import { tableToIPC, type Table } from 'apache-arrow';
import { tableOf, ticketOf, type Answer, type EngineUnderTest } from './engine.harness.js';
import { splitIpcStream } from './ipc-messages.js';

/** An answer that is not OK, thrown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** A bare Flight SQL client of an engine, with a session and a connection of its own. */
export class SqlClient {
  private readonly headers: Record<string, string>;

  constructor(
    private readonly engine: EngineUnderTest,
    { session = '', connection = '' } = {},
  ) {
    this.headers = {
      ...(session === '' ? {} : { [SESSION_HEADER]: session }),
      ...(connection === '' ? {} : { [CONNECTION_HEADER]: connection }),
    };
  }

  /** Rows of a query, as JSON has them. */
  async rows(query: string, transactionId?: Uint8Array): Promise<unknown[]> {
    return plainRows(
      await this.table(packAny(CommandStatementQuerySchema, inTransaction(query, transactionId))),
    );
  }

  async table(command: Uint8Array): Promise<Table> {
    const ticket = ticketOf(
      ok(await this.send('GetFlightInfo', FlightDescriptorSchema, descriptor(command))),
    );
    return tableOf(await this.send('DoGet', TicketSchema, { ticket }));
  }

  /** The count of a statement sent as an update. */
  async update(query: string, transactionId?: Uint8Array): Promise<number> {
    return this.put(packAny(CommandStatementUpdateSchema, inTransaction(query, transactionId)));
  }

  /** Puts a command with a table's Arrow behind it; the count that it is answered with. */
  async put(command: Uint8Array, table?: Table): Promise<number> {
    const { recordCount } = fromBinary(DoPutUpdateResultSchema, await this.putRaw(command, table));
    return Number(recordCount);
  }

  /** As `put`; the metadata of the answer. */
  async putRaw(command: Uint8Array, table?: Table): Promise<Uint8Array> {
    const messages = table ? splitIpcStream(tableToIPC(table, 'stream')) : [];
    const [first, ...rest] = messages.map(({ header, body }) => ({ dataHeader: header, dataBody: body }));
    const frames = [{ ...first, flightDescriptor: descriptor(command) }, ...rest].map((message) =>
      frameMessage(toBinary(FlightDataSchema, create(FlightDataSchema, message))),
    );
    const answer = ok(await this.engine.callWithFrames('DoPut', frames, this.headers));
    return fromBinary(PutResultSchema, answer.messages[0]!).appMetadata;
  }

  async poll(command: Uint8Array) {
    const answer = ok(await this.send('PollFlightInfo', FlightDescriptorSchema, descriptor(command)));
    return fromBinary(PollInfoSchema, answer.messages[0]!);
  }

  /** An action whose messages are packed, as those of Flight SQL are. */
  async sqlAction<I extends DescMessage, O extends DescMessage>(
    type: string,
    request: I,
    init: MessageInitShape<I>,
    response?: O,
  ): Promise<MessageShape<O>> {
    const [body] = await this.actionBodies(type, packAny(request, init));
    return (response && body ? anyUnpack(fromBinary(AnySchema, body), response) : undefined)!;
  }

  /** An action whose messages are plain, as those of Flight are. */
  async action<I extends DescMessage, O extends DescMessage>(
    type: string,
    request: I,
    init: MessageInitShape<I>,
    response: O,
  ): Promise<MessageShape<O>> {
    const [body] = await this.actionBodies(type, toBinary(request, create(request, init)));
    return fromBinary(response, body!);
  }

  private async actionBodies(type: string, body: Uint8Array): Promise<Uint8Array[]> {
    const { messages } = ok(await this.send('DoAction', ActionSchema, { type, body } as never));
    return messages.map((message) => fromBinary(ResultSchema, message).body);
  }

  private send<D extends DescMessage>(method: string, schema: D, init: MessageInitShape<D>): Promise<Answer> {
    return this.engine.call(method, toBinary(schema, create(schema, init)), this.headers);
  }
}

export function plainRows(table: Table): unknown[] {
  const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
  return JSON.parse(JSON.stringify(table.toArray(), plain)) as unknown[];
}

function inTransaction(query: string, transactionId: Uint8Array | undefined) {
  return { query, ...(transactionId && { transactionId }) };
}

function descriptor(cmd: Uint8Array) {
  return { type: FlightDescriptor_DescriptorType.CMD, cmd };
}

function ok(answer: Answer): Answer {
  if (answer.status !== 0) throw new Refused(answer.status, answer.message);
  return answer;
}
