import { Readable, pipeline, type Writable } from 'node:stream';
import { create, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { AnySchema, anyPack } from '@bufbuild/protobuf/wkt';
import { Client, Metadata, credentials } from '@grpc/grpc-js';
import type { IpcMessage } from '@pondpilot/flight-sql';
import { tableFromArrays, tableToIPC } from 'apache-arrow';
import { splitIpcStream } from '../../../../apps/engine/src/ipc-messages.js';
import {
  ActionSchema,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  SetSessionOptionsRequestSchema,
  type FlightDescriptor,
} from '../../../../libs/flight-sql/src/gen/arrow/flight/protocol/Flight_pb.js';
import { CommandStatementIngestSchema } from '../../../../libs/flight-sql/src/gen/arrow/flight/protocol/FlightSql_pb.js';

const service = '/arrow.flight.protocol.FlightService';
const bytes = <T extends DescMessage>(schema: T, init: MessageInitShape<T>) =>
  Buffer.from(toBinary(schema, create(schema, init)));

/** Calls of Flight SQL in which a client's text is a name. Each resolves when it has ended, with its error or ''. */
export class NameClient {
  private readonly client: Client;
  private readonly metadata = new Metadata();

  constructor(port: number, token: string) {
    this.client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    this.metadata.set('authorization', `Bearer ${token}`);
  }

  /** Puts a table of one row, to be made under this name. */
  ingest(table: string): Promise<string> {
    const rows = tableToIPC(tableFromArrays({ i: Int32Array.of(1) }), 'stream');
    return asText(this.put(table, splitIpcStream(rows)));
  }

  /** Puts a table of these messages, the schema first, each when there is room for it. Rejects with its ServiceError. */
  put(table: string, messages: Iterable<IpcMessage>): Promise<void> {
    const options = { ifNotExist: 1, ifExists: 2 };
    const ingest = create(CommandStatementIngestSchema, { table, tableDefinitionOptions: options });
    const cmd = toBinary(AnySchema, anyPack(CommandStatementIngestSchema, ingest));
    const flightDescriptor = create(FlightDescriptorSchema, {
      type: FlightDescriptor_DescriptorType.CMD,
      cmd,
    });
    return this.call('DoPut', framed(messages, flightDescriptor));
  }

  setOption(name: string, value: string): Promise<string> {
    const optionValue = { case: 'stringValue' as const, value };
    const body = bytes(SetSessionOptionsRequestSchema, { sessionOptions: { [name]: { optionValue } } });
    return asText(this.call('DoAction', [bytes(ActionSchema, { type: 'SetSessionOptions', body })]));
  }

  close(): void {
    this.client.close();
  }

  private call(method: string, messages: Iterable<Buffer>): Promise<void> {
    const same = (message: Buffer) => message;
    const call = this.client.makeBidiStreamRequest(`${service}/${method}`, same, same, this.metadata);
    return new Promise((done, failed) => {
      call.on('data', () => {}).on('error', failed);
      call.on('end', done);
      // Of no class of streams that Node's types know.
      pipeline(Readable.from(messages), call as unknown as Writable, () => undefined);
    });
  }
}

function* framed(messages: Iterable<IpcMessage>, flightDescriptor: FlightDescriptor): Generator<Buffer> {
  let first = true;
  for (const { header, body } of messages) {
    yield bytes(FlightDataSchema, {
      dataHeader: header,
      dataBody: body,
      ...(first && { flightDescriptor }),
    });
    first = false;
  }
}

const asText = (call: Promise<void>) => call.then(() => '', String);
