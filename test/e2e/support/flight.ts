import { create, fromBinary, toBinary, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { Client, Metadata, credentials, type ClientReadableStream } from '@grpc/grpc-js';
import { tableFromIPC } from 'apache-arrow';
import {
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  FlightInfoSchema,
  TicketSchema,
  type FlightData,
  type FlightInfo,
} from '../../../libs/flight-sql/src/gen/arrow/flight/protocol/Flight_pb.js';

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

  constructor(port: number, token: string) {
    // Each client has a connection of its own.
    const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.max_receive_message_length': -1 };
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
    this.metadata.set('authorization', `Bearer ${token}`);
  }

  /** Runs a query; values are JavaScript's. Rejects with grpc-js's ServiceError. */
  async query(sql: string): Promise<Record<string, unknown>[]> {
    const info = await this.info(sql);
    const messages: Uint8Array[] = [];
    for await (const data of this.get(info)) messages.push(asIpc(data as FlightData));
    const rows = tableFromIPC(messages).toArray() as { toJSON(): Record<string, unknown> }[];
    return rows.map((row) => row.toJSON());
  }

  info(sql: string): Promise<FlightInfo> {
    const descriptor = create(FlightDescriptorSchema, {
      type: FlightDescriptor_DescriptorType.CMD,
      cmd: Buffer.from(sql),
    });
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
}

/** A message as Arrow's stream format frames it: a marker, the header's length, header and body. */
function asIpc(data: FlightData): Uint8Array {
  const frame = new DataView(new ArrayBuffer(8));
  const padding = (8 - (data.dataHeader.length % 8)) % 8;
  frame.setUint32(0, 0xffffffff, true);
  frame.setUint32(4, data.dataHeader.length + padding, true);
  return Buffer.concat([Buffer.from(frame.buffer), data.dataHeader, Buffer.alloc(padding), data.dataBody]);
}
