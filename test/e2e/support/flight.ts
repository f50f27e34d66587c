import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { AnySchema, anyPack, anyUnpack, type Any } from '@bufbuild/protobuf/wkt';
import {
  Client,
  Metadata,
  credentials,
  type ChannelCredentials,
  type ClientReadableStream,
} from '@grpc/grpc-js';
import { tableFromIPC } from 'apache-arrow';
import {
  ActionSchema,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  FlightInfoSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
  PollInfoSchema,
  PutResultSchema,
  ResultSchema,
  TicketSchema,
  type FlightData,
  type FlightDescriptor,
  type FlightInfo,
  type PollInfo,
} from '../../../libs/flight-sql/src/gen/arrow/flight/protocol/Flight_pb.js';
import {
  ActionBeginTransactionRequestSchema,
  ActionBeginTransactionResultSchema,
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  CommandPreparedStatementQuerySchema,
  CommandStatementUpdateSchema,
  DoPutUpdateResultSchema,
} from '../../../libs/flight-sql/src/gen/arrow/flight/protocol/FlightSql_pb.js';
import { tls } from './tls.js';

const service = '/arrow.flight.protocol.FlightService';

const writer =
  <T extends DescMessage>(schema: T) =>
  (message: MessageShape<T>) =>
    Buffer.from(toBinary(schema, message));
const reader =
  <T extends DescMessage>(schema: T) =>
  (bytes: Buffer) =>
    fromBinary(schema, bytes);

/** A small Flight client on grpc-js, for tests that count processes and states rather than types. */
export class FlightClient {
  private readonly client: Client;
  private readonly metadata = new Metadata();

  constructor(port: number, token: string, host = '127.0.0.1') {
    // Each client has a connection of its own.
    const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.max_receive_message_length': -1 };
    this.client = new Client(`${host}:${port}`, channelCredentials(), { ...options, ...tlsOptions });
    this.metadata.set('authorization', `Bearer ${token}`);
  }

  /** Runs a query; values are JavaScript's. Rejects with grpc-js's ServiceError. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    return this.rows(await this.info(sql));
  }

  /** Reads a result that was told of. */
  async rows(info: FlightInfo): Promise<Record<string, unknown>[]> {
    const messages: Uint8Array[] = [];
    for await (const data of this.get(info)) messages.push(asIpc(data as FlightData));
    const rows = tableFromIPC(messages).toArray() as { toJSON(): Record<string, unknown> }[];
    return rows.map((row) => row.toJSON());
  }

  /** Opens a session by a handshake: from now on its bearer goes with each call. */
  async logIn(): Promise<void> {
    const call = this.client.makeBidiStreamRequest(
      `${service}/Handshake`,
      writer(HandshakeRequestSchema),
      reader(HandshakeResponseSchema),
      this.metadata,
    );
    const granted = new Promise<string>((done, failed) => {
      call.on('metadata', (headers: Metadata) => done(String(headers.get('authorization')[0])));
      call.on('error', failed);
    });
    call.resume();
    call.end(create(HandshakeRequestSchema));
    this.metadata.set('authorization', await granted);
  }

  /** Prepares a statement and answers its handle. */
  async prepare(query: string): Promise<Uint8Array> {
    const body = packed(ActionCreatePreparedStatementRequestSchema, { query });
    const result = await this.act('CreatePreparedStatement', body);
    return anyUnpack(result, ActionCreatePreparedStatementResultSchema)!.preparedStatementHandle;
  }

  /** Begins a transaction by its action and answers its id. */
  async begin(): Promise<Uint8Array> {
    const body = packed(ActionBeginTransactionRequestSchema, {});
    const result = await this.act('BeginTransaction', body);
    return anyUnpack(result, ActionBeginTransactionResultSchema)!.transactionId;
  }

  /** Runs a statement, in a transaction where one is given, and answers how many rows it changed. */
  update(query: string, transactionId?: Uint8Array): Promise<number> {
    const cmd = packed(CommandStatementUpdateSchema, { query, ...(transactionId && { transactionId }) });
    const call = this.client.makeBidiStreamRequest(
      `${service}/DoPut`,
      writer(FlightDataSchema),
      reader(PutResultSchema),
      this.metadata,
    );
    return new Promise((done, failed) => {
      let count = -1;
      call.on('data', ({ appMetadata }: { appMetadata: Uint8Array }) => {
        count = Number(fromBinary(DoPutUpdateResultSchema, appMetadata).recordCount);
      });
      call.on('error', failed).on('end', () => done(count));
      call.end(create(FlightDataSchema, { flightDescriptor: descriptorOf(cmd) }));
    });
  }

  /** The result of a prepared statement without parameters. */
  preparedInfo(preparedStatementHandle: Uint8Array): Promise<FlightInfo> {
    return this.infoOf(packed(CommandPreparedStatementQuerySchema, { preparedStatementHandle }));
  }

  info(sql: string): Promise<FlightInfo> {
    return this.infoOf(Buffer.from(sql));
  }

  /** One PollFlightInfo: of a statement, or of what the poll before it has answered. */
  poll(asked: string | FlightDescriptor): Promise<PollInfo> {
    const descriptor = typeof asked === 'string' ? descriptorOf(Buffer.from(asked)) : asked;
    return new Promise((done, failed) => {
      this.client.makeUnaryRequest(
        `${service}/PollFlightInfo`,
        writer(FlightDescriptorSchema),
        reader(PollInfoSchema),
        descriptor,
        this.metadata,
        {},
        (error, info) => (error ? failed(error) : done(info!)),
      );
    });
  }

  /** The rows that a command of Flight SQL lists. */
  async list<T extends DescMessage>(
    schema: T,
    init: MessageInitShape<T>,
  ): Promise<Record<string, unknown>[]> {
    return this.rows(await this.infoOf(packed(schema, init)));
  }

  private infoOf(cmd: Uint8Array): Promise<FlightInfo> {
    const descriptor = descriptorOf(cmd);
    return new Promise((done, failed) => {
      this.client.makeUnaryRequest(
        `${service}/GetFlightInfo`,
        writer(FlightDescriptorSchema),
        reader(FlightInfoSchema),
        descriptor,
        this.metadata,
        {},
        (error, info) => (error ? failed(error) : done(info!)),
      );
    });
  }

  /** The result's stream. It can be cancelled; `deadlineMs` from now the server is told to stop. */
  get(info: FlightInfo, deadlineMs?: number): ClientReadableStream<FlightData> {
    return this.client.makeServerStreamRequest(
      `${service}/DoGet`,
      writer(TicketSchema),
      reader(FlightDataSchema),
      info.endpoint[0]!.ticket!,
      this.metadata,
      deadlineMs === undefined ? {} : { deadline: Date.now() + deadlineMs },
    );
  }

  close(): void {
    this.client.close();
  }

  /** Does an action and answers the `Any` in its one result. */
  private act(type: string, body: Uint8Array): Promise<Any> {
    const call = this.client.makeServerStreamRequest(
      `${service}/DoAction`,
      writer(ActionSchema),
      reader(ResultSchema),
      create(ActionSchema, { type, body }),
      this.metadata,
    );
    return new Promise((done, failed) => {
      let answer: Any | undefined;
      call.on('data', (result: { body: Uint8Array }) => (answer = fromBinary(AnySchema, result.body)));
      call.on('error', failed).on('end', () => (answer ? done(answer) : failed(new Error('no result'))));
    });
  }
}

/** Node warns of an address as the name in TLS. */
const tlsOptions = tls ? { 'grpc.ssl_target_name_override': 'localhost' } : {};

function channelCredentials(): ChannelCredentials {
  if (!tls) return credentials.createInsecure();
  const pem = (text?: string) => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(tls.ca), pem(tls.client?.key), pem(tls.client?.cert));
}

const packed = <T extends DescMessage>(schema: T, init: MessageInitShape<T>): Uint8Array =>
  toBinary(AnySchema, anyPack(schema, create(schema, init)));

const descriptorOf = (cmd: Uint8Array) =>
  create(FlightDescriptorSchema, { type: FlightDescriptor_DescriptorType.CMD, cmd });

/** A message as Arrow's stream format frames it: a marker, the header's length, header and body. */
function asIpc(data: FlightData): Uint8Array {
  const frame = new DataView(new ArrayBuffer(8));
  const padding = (8 - (data.dataHeader.length % 8)) % 8;
  frame.setUint32(0, 0xffffffff, true);
  frame.setUint32(4, data.dataHeader.length + padding, true);
  return Buffer.concat([Buffer.from(frame.buffer), data.dataHeader, Buffer.alloc(padding), data.dataBody]);
}
