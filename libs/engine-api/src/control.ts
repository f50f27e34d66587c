import {
  Client,
  Metadata,
  credentials,
  type ChannelCredentials,
  type MethodDefinition,
  type ServiceDefinition,
  type UntypedHandleCall,
} from '@grpc/grpc-js';
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
  type MessageShape,
} from '@bufbuild/protobuf';
import { CONTROL_SECRET_KEY } from './headers.js';
import {
  ClaimRequestSchema,
  ClaimResponseSchema,
  ConnectionClosedRequestSchema,
  ConnectionClosedResponseSchema,
  DrainRequestSchema,
  DrainResponseSchema,
  EngineControl,
  HealthRequestSchema,
  HealthResponseSchema,
  InterruptRequestSchema,
  InterruptResponseSchema,
  type HealthResponse,
} from './gen/pondpilot/engine/v1/engine_pb.js';

function unary<I extends DescMessage, O extends DescMessage>(
  name: string,
  input: I,
  output: O,
): MethodDefinition<MessageShape<I>, MessageShape<O>> {
  return {
    path: `/${EngineControl.typeName}/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (value) => Buffer.from(toBinary(input, value)),
    requestDeserialize: (bytes) => fromBinary(input, bytes),
    // `create` takes a message as it is, and lets a server answer with plain fields.
    responseSerialize: (value) => Buffer.from(toBinary(output, create(output, value as MessageInitShape<O>))),
    responseDeserialize: (bytes) => fromBinary(output, bytes),
  };
}

/** The control service for `@grpc/grpc-js` servers and clients. */
export const engineControlService = {
  claim: unary('Claim', ClaimRequestSchema, ClaimResponseSchema),
  drain: unary('Drain', DrainRequestSchema, DrainResponseSchema),
  interrupt: unary('Interrupt', InterruptRequestSchema, InterruptResponseSchema),
  connectionClosed: unary('ConnectionClosed', ConnectionClosedRequestSchema, ConnectionClosedResponseSchema),
  health: unary('Health', HealthRequestSchema, HealthResponseSchema),
} satisfies ServiceDefinition;

/** What a server answers to `health` with; absent fields are zero. */
export type EngineHealthInit = MessageInitShape<typeof HealthResponseSchema>;

export type EngineControlHandlers = Record<keyof typeof engineControlService, UntypedHandleCall>;

/** The proxy's end of an engine's control service. Errors are grpc-js `ServiceError`s. */
export class EngineControlClient {
  private readonly client: Client;
  private readonly metadata = new Metadata();

  constructor(
    address: string,
    controlSecret: string,
    channel: ChannelCredentials = credentials.createInsecure(),
  ) {
    this.client = new Client(address, channel, { 'grpc.enable_http_proxy': 0 });
    this.metadata.set(CONTROL_SECRET_KEY, controlSecret);
  }

  async claim(owner: string, callSecret: string, timeoutMs: number): Promise<void> {
    await this.call(engineControlService.claim, ClaimRequestSchema, { owner, callSecret }, timeoutMs);
  }

  /** Resolves with the number of statements that were still in flight when `drainMs` was over. */
  async drain(drainMs: number): Promise<number> {
    const request = { timeoutMs: drainMs };
    const answer = await this.call(engineControlService.drain, DrainRequestSchema, request, drainMs + 2000);
    return answer.statementsLeft;
  }

  /** Interrupts one statement, or all where no id is given; resolves with how many that were. */
  async interrupt(statementId: string, timeoutMs: number): Promise<number> {
    const request = { statementId };
    return (await this.call(engineControlService.interrupt, InterruptRequestSchema, request, timeoutMs))
      .interrupted;
  }

  /** Tells that a client connection is gone; its id is the value of `CONNECTION_HEADER`. */
  async connectionClosed(connectionId: string, timeoutMs: number): Promise<void> {
    const method = engineControlService.connectionClosed;
    await this.call(method, ConnectionClosedRequestSchema, { connectionId }, timeoutMs);
  }

  health(timeoutMs: number): Promise<HealthResponse> {
    return this.call(engineControlService.health, HealthRequestSchema, {}, timeoutMs);
  }

  close(): void {
    this.client.close();
  }

  private call<I extends DescMessage, Request, Response>(
    method: MethodDefinition<Request, Response>,
    schema: I,
    init: MessageInitShape<I>,
    timeoutMs: number,
  ): Promise<Response> {
    const request = create(schema, init) as Request;
    return new Promise((resolve, reject) => {
      this.client.makeUnaryRequest(
        method.path,
        method.requestSerialize,
        method.responseDeserialize,
        request,
        this.metadata,
        { deadline: Date.now() + timeoutMs },
        (error, response) => (error ? reject(error) : resolve(response as Response)),
      );
    });
  }
}
