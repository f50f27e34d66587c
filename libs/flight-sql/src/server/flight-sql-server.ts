import type { DescMessage, MessageInitShape } from '@bufbuild/protobuf';
import { DomainError } from '@pondpilot/kernel';
import {
  ActionSchema,
  ActionTypeSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  FlightInfoSchema,
  PollInfoSchema,
  PutResultSchema,
  ResultSchema,
  SchemaResultSchema,
  TicketSchema,
  type FlightDescriptor,
} from '../gen/arrow/flight/protocol/Flight_pb.js';
import {
  decode,
  encode,
  isFlightSql,
  packAny,
  shortName,
  unpackAny,
  unpackCommand,
} from '../protocol/commands.js';
import { encapsulate } from '../protocol/flight-data-frame.js';
import { frameMessage } from '../protocol/grpc-frame.js';
import type { ServerCall } from './call.js';
import type { AnyAction, AnyCommand, Handlers, PollAnswer, ResultInfo } from './handlers.js';
import { PutInput } from './put-input.js';

const SERVICE = '/arrow.flight.protocol.FlightService/';

/** Which method of a command each Flight call needs. */
type Way = 'schema' | 'info' | 'stream' | 'put';

/** A command whose message has been read. */
interface Opened {
  readonly name: string;
  readonly command: AnyCommand;
  readonly message: never;
}

/**
 * A Flight SQL server made of commands and actions. This is the only place that unpacks messages; handlers see no wire
 * format but that of results.
 */
export class FlightSqlServer {
  private readonly commands: ReadonlyMap<string, AnyCommand>;
  private readonly actions: ReadonlyMap<string, AnyAction>;

  /** @param authorize throws where the caller may not call at all */
  constructor(
    private readonly authorize: (call: ServerCall) => void,
    handlers: readonly Handlers[],
  ) {
    this.commands = new Map(
      handlers.flatMap(({ commands = [] }) => commands.map((of) => [shortName(of.message.typeName), of])),
    );
    this.actions = new Map(handlers.flatMap(({ actions = [] }) => actions.map((of) => [of.type, of])));
  }

  /** Answers one call to its end. */
  async handle(call: ServerCall): Promise<void> {
    this.authorize(call);
    await this.answer(call);
    call.finish();
  }

  private async answer(call: ServerCall): Promise<void> {
    switch (call.path) {
      case `${SERVICE}GetFlightInfo`:
        return push(call, FlightInfoSchema, await this.getFlightInfo(await descriptorOf(call), call));
      case `${SERVICE}PollFlightInfo`:
        return push(call, PollInfoSchema, await this.pollFlightInfo(await descriptorOf(call), call));
      case `${SERVICE}GetSchema`:
        return push(call, SchemaResultSchema, await this.getSchema(await descriptorOf(call), call));
      case `${SERVICE}DoGet`:
        return this.doGet(decode(TicketSchema, await call.message()).ticket, call);
      case `${SERVICE}DoPut`:
        return this.doPut(call);
      case `${SERVICE}DoAction`:
        return this.doAction(call);
      case `${SERVICE}ListActions`:
        for (const { type, description } of this.actions.values())
          await push(call, ActionTypeSchema, { type, description });
        return;
      default:
        throw new DomainError('unimplemented', `${call.path.replace(SERVICE, '')} is not supported.`);
    }
  }

  private async getFlightInfo(descriptor: FlightDescriptor, call: ServerCall) {
    return flightInfo(descriptor, await this.info(this.open(descriptor.cmd), descriptor.cmd, call));
  }

  private async info(opened: Opened, packed: Uint8Array, call: ServerCall): Promise<ResultInfo> {
    const { command, message } = opened;
    if (command.info) return command.info(message, call);
    if (!command.stream) return unsupported(opened, 'info');
    // Metadata is its own ticket: nothing has to be remembered.
    return { schema: await this.schema(opened, call), ticket: packed };
  }

  private schema(opened: Opened, call: ServerCall): Promise<Uint8Array> {
    return opened.command.schema?.(opened.message, call) ?? unsupported(opened, 'schema');
  }

  private async pollFlightInfo(
    descriptor: FlightDescriptor,
    call: ServerCall,
  ): Promise<MessageInitShape<typeof PollInfoSchema>> {
    const opened = this.open(descriptor.cmd);
    const answer: PollAnswer = opened.command.poll
      ? await opened.command.poll(opened.message, call)
      : { ...(await this.info(opened, descriptor.cmd, call)), next: undefined, progress: 1 };
    const { next, progress } = answer;
    return {
      // What it is cancelled by while it has no endpoint.
      info: { ...flightInfo(descriptor, answer), ...(next && { appMetadata: next }) },
      ...(next && { flightDescriptor: { type: FlightDescriptor_DescriptorType.CMD, cmd: next } }),
      ...(progress !== undefined && { progress }),
    };
  }

  private async getSchema(
    descriptor: FlightDescriptor,
    call: ServerCall,
  ): Promise<MessageInitShape<typeof SchemaResultSchema>> {
    return { schema: encapsulate(await this.schema(this.open(descriptor.cmd), call)) };
  }

  private async doGet(ticket: Uint8Array, call: ServerCall): Promise<void> {
    const opened = this.open(ticket);
    await (opened.command.stream?.(opened.message, call) ?? unsupported(opened, 'stream'));
  }

  private async doPut(call: ServerCall): Promise<void> {
    const input = await PutInput.open(call);
    const opened = this.open(input.descriptor.cmd);
    const appMetadata = await (opened.command.put?.(opened.message, input, call) ??
      unsupported<Uint8Array>(opened, 'put'));
    // Whatever a client still sends behind what its command needs is dropped, or it would wait for ever.
    call.dropRest();
    await push(call, PutResultSchema, { appMetadata });
  }

  private async doAction(call: ServerCall): Promise<void> {
    const { type, body } = decode(ActionSchema, await call.message());
    const found = this.actions.get(type);
    if (!found)
      throw new DomainError(
        'unimplemented',
        `The action ${type} is not supported. ListActions tells which are.`,
      );
    const { request, response } = found;
    const unpacked = isFlightSql(request) ? unpackAny(request, body) : decode(request, body);
    const answer = await found.run(unpacked, call);
    if (!response || !answer) return;
    const packed = isFlightSql(response) ? packAny(response, answer) : encode(response, answer);
    await push(call, ResultSchema, { body: packed });
  }

  private open(bytes: Uint8Array): Opened {
    const { name, value } = unpackCommand(bytes);
    const command = this.commands.get(name);
    if (!command) throw new DomainError('unimplemented', `The Flight SQL command ${name} is not supported.`);
    return { name, command, message: decode(command.message, value) as never };
  }
}

function flightInfo(
  flightDescriptor: FlightDescriptor,
  { schema, ticket }: { readonly schema: Uint8Array; readonly ticket: Uint8Array | undefined },
): MessageInitShape<typeof FlightInfoSchema> {
  return {
    schema: encapsulate(schema),
    flightDescriptor,
    // No location: a client must come back here with the ticket, or it would pass by the proxy.
    endpoint: ticket ? [{ ticket: { ticket } }] : [],
    totalRecords: -1n,
    totalBytes: -1n,
  };
}

async function descriptorOf(call: ServerCall): Promise<FlightDescriptor> {
  const descriptor = decode(FlightDescriptorSchema, await call.message());
  if (descriptor.type !== FlightDescriptor_DescriptorType.CMD)
    throw new DomainError('invalid_argument', 'Descriptors must be commands: send the statement as `cmd`.');
  return descriptor;
}

function push<D extends DescMessage>(call: ServerCall, schema: D, init: MessageInitShape<D>): Promise<void> {
  return call.send(frameMessage(encode(schema, init)));
}

const CALLS: Readonly<Record<Way, string>> = {
  schema: 'GetSchema',
  info: 'GetFlightInfo',
  stream: 'DoGet',
  put: 'DoPut',
};

function unsupported<T>({ name }: Opened, way: Way): Promise<T> {
  return Promise.reject(new DomainError('unimplemented', `${CALLS[way]} does not take ${name}.`));
}
