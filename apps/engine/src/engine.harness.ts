import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import {
  connect,
  constants,
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { duckdbLibraryPath } from '@pondpilot/duckdb';
import {
  CALL_SECRET_HEADER,
  GENEROUS_LIMITS,
  EngineControlClient,
  SESSION_HEADER,
  type EngineLaunch,
} from '@pondpilot/engine-api';
import {
  CommandStatementIngestSchema,
  CommandStatementIngest_TableDefinitionOptions_TableExistsOption as IfExists,
  CommandStatementIngest_TableDefinitionOptions_TableNotExistOption as IfNotExist,
  FlightDataSchema,
  FlightDescriptor_DescriptorType,
  FlightDescriptorSchema,
  FlightInfoSchema,
  TicketSchema,
  frameMessage,
  packAny,
} from '@pondpilot/flight-sql';
import { Int32, Table, tableFromIPC, tableToIPC, vectorFromArray } from 'apache-arrow';
import { splitIpcStream } from './ipc-messages.js';
import { openDatabase } from './open-database.js';
import { Engine } from './engine.js';

/** What a call ended with. */
export interface Answer {
  readonly status: number;
  readonly message: string;
  readonly messages: Buffer[];
}

/** An engine in this process, claimed, and a bare client of it. */
export class EngineUnderTest {
  private constructor(
    private readonly session: ClientHttp2Session,
    private readonly callSecret: string,
    readonly control: EngineControlClient,
    private readonly closeEngine: () => Promise<void>,
  ) {}

  static async start(settings: Partial<EngineLaunch> = {}): Promise<EngineUnderTest> {
    const folder = mkdtempSync(join(tmpdir(), 'engine-spec-'));
    const [controlSecret, callSecret] = [randomUUID(), randomUUID()];
    const launch: EngineLaunch = {
      id: 'spec',
      host: '127.0.0.1',
      controlSecret,
      duckdbLibrary: duckdbLibraryPath(),
      tempDirectory: join(folder, 'spill'),
      // The process is the test runner's, which has far more resident than an engine: not to be ended for it.
      memoryBytes: 16 * 1024 ** 3,
      cpus: 1,
      databases: [],
      extensions: [],
      limits: GENEROUS_LIMITS,
      ...settings,
    };
    const entry = new URL('../../../libs/duckdb/dist/worker/thread.js', import.meta.url);
    const { ready, close } = await Engine.start(launch, openDatabase(launch, { entry }), {
      onBroken: (error) => {
        throw error;
      },
    });
    const { port, controlPort } = ready;
    const control = new EngineControlClient(`127.0.0.1:${controlPort}`, controlSecret);
    await control.claim('spec', callSecret, 5000);
    return new EngineUnderTest(connect(`http://127.0.0.1:${port}`), callSecret, control, async () => {
      await close();
      rmSync(folder, { recursive: true, force: true });
    });
  }

  async close(): Promise<void> {
    this.session.destroy();
    this.control.close();
    await this.closeEngine();
  }

  /** Starts a query and reads nothing of its result. Resolves with the code that the engine resets it with. */
  startUnread(sql: string | Uint8Array, headers: Record<string, string> = {}): Promise<number> {
    const ticket = typeof sql === 'string' ? Buffer.from(sql) : sql;
    const stream = this.open('DoGet', headers);
    const request = toBinary(TicketSchema, create(TicketSchema, { ticket }));
    stream.end(frameMessage(request));
    stream.pause();
    return new Promise((resolve) => {
      stream.on('error', () => undefined);
      stream.on('close', () => resolve(stream.rstCode));
    });
  }

  /** Starts a bulk ingest of one row, and does not end it. */
  startUpload(table = 'resting'): Promise<Answer> & { reset: () => void } {
    const tableDefinitionOptions = { ifNotExist: IfNotExist.CREATE, ifExists: IfExists.FAIL };
    const cmd = packAny(CommandStatementIngestSchema, { table, tableDefinitionOptions });
    const flightDescriptor = { type: FlightDescriptor_DescriptorType.CMD, cmd };
    const data = new Table({ i: vectorFromArray([1], new Int32()) });
    const messages = splitIpcStream(tableToIPC(data, 'stream')).map(({ header, body }, index) =>
      create(FlightDataSchema, {
        dataHeader: header,
        dataBody: body,
        ...(index === 0 && { flightDescriptor }),
      }),
    );
    const stream = this.open('DoPut', {});
    const frames = messages.map((message) => frameMessage(toBinary(FlightDataSchema, message)));
    const answer = this.answerOf(stream, frames);
    return Object.assign(answer, { reset: () => resetStream(stream) });
  }

  /** One unary or server-streaming call. */
  call(method: string, request: Uint8Array, headers: Record<string, string> = {}): Promise<Answer> {
    return this.callWithFrames(method, [frameMessage(request)], headers);
  }

  /** One call with any number of messages, as gRPC frames. */
  callWithFrames(
    method: string,
    frames: readonly Buffer[],
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const stream = this.open(method, headers);
    const answer = this.answerOf(stream, frames);
    stream.end();
    return answer;
  }

  private answerOf(stream: ClientHttp2Stream, frames: readonly Buffer[]): Promise<Answer> {
    for (const frame of frames) stream.write(frame);
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let ended: IncomingHttpHeaders = {};
      stream.on('response', (response) => (ended = response));
      stream.on('trailers', (trailers) => (ended = trailers));
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', reject);
      stream.on('end', () =>
        resolve({
          status: Number(ended['grpc-status']),
          message: decodeURIComponent(String(ended['grpc-message'] ?? '')),
          messages: split(Buffer.concat(chunks)),
        }),
      );
    });
  }

  private open(method: string, headers: Record<string, string>): ClientHttp2Stream {
    const fixed = {
      ':method': 'POST',
      ':path': `/arrow.flight.protocol.FlightService/${method}`,
      'content-type': 'application/grpc',
      te: 'trailers',
      [CALL_SECRET_HEADER]: this.callSecret,
      ...headers,
    };
    const stream = this.session.request(fixed, { endStream: false, waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({}));
    return stream;
  }

  send<D extends DescMessage>(
    method: string,
    schema: D,
    init: MessageInitShape<D>,
    session?: string,
  ): Promise<Answer> {
    const headers: Record<string, string> = session === undefined ? {} : { [SESSION_HEADER]: session };
    return this.call(method, toBinary(schema, create(schema, init)), headers);
  }

  info(cmd: Uint8Array | string, session?: string): Promise<Answer> {
    const command = typeof cmd === 'string' ? Buffer.from(cmd) : cmd;
    const descriptor = { type: FlightDescriptor_DescriptorType.CMD, cmd: command };
    return this.send('GetFlightInfo', FlightDescriptorSchema, descriptor, session);
  }

  get(ticket: Uint8Array | string, session?: string): Promise<Answer> {
    return this.send(
      'DoGet',
      TicketSchema,
      { ticket: typeof ticket === 'string' ? Buffer.from(ticket) : ticket },
      session,
    );
  }

  /** GetFlightInfo and DoGet. Throws an Error with the message where either fails. */
  async query(sql: string, session?: string): Promise<Table> {
    return tableOf(await this.get(ticketOf(await this.info(sql, session)), session));
  }
}

export function ticketOf(answer: Answer): Uint8Array {
  return flightInfoOf(answer).endpoint[0]?.ticket?.ticket ?? new Uint8Array();
}

export function flightInfoOf(answer: Answer) {
  if (answer.status !== 0) throw new Error(answer.message);
  return fromBinary(FlightInfoSchema, answer.messages[0] ?? Buffer.alloc(0));
}

/** The table of a DoGet's messages. */
export function tableOf(answer: Answer): Table {
  if (answer.status !== 0) throw new Error(answer.message);
  return tableFromIPC(
    Buffer.concat(
      answer.messages.flatMap((message) => {
        const { dataHeader, dataBody } = fromBinary(FlightDataSchema, message);
        const padding = Buffer.alloc((8 - (dataHeader.byteLength % 8)) % 8);
        const prefix = Buffer.alloc(8);
        prefix.writeUInt32LE(0xffff_ffff, 0);
        prefix.writeInt32LE(dataHeader.byteLength + padding.byteLength, 4);
        return [prefix, dataHeader, padding, dataBody];
      }),
    ),
  );
}

function split(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const end = at + 5 + bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, end));
    at = end;
  }
  return messages;
}

/** Resets a request as other clients do: Node would end it properly first. */
function resetStream(stream: ClientHttp2Stream): void {
  stream.removeAllListeners('wantTrailers');
  stream.on('error', () => undefined);
  stream.close(constants.NGHTTP2_CANCEL);
}
