import { create, fromBinary, toBinary, type DescMessage, type MessageInitShape } from '@bufbuild/protobuf';
import { DomainError } from '@pondpilot/kernel';
import {
  ActionSchema,
  ActionTypeSchema,
  CancelFlightInfoRequestSchema,
  CancelFlightInfoResultSchema,
  CloseSessionResultSchema,
  CloseSessionResult_Status,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  FlightInfoSchema,
  PutResultSchema,
  ResultSchema,
  SchemaResultSchema,
  TicketSchema,
  type CancelStatus,
  type FlightDescriptor,
} from '../gen/arrow/flight/protocol/Flight_pb.js';
import {
  ActionClosePreparedStatementRequestSchema,
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  DoPutUpdateResultSchema,
  type CommandGetCatalogs,
  type CommandGetDbSchemas,
  type CommandGetSqlInfo,
  type CommandGetTableTypes,
  type CommandGetTables,
  type CommandPreparedStatementQuery,
  type CommandPreparedStatementUpdate,
  type CommandStatementQuery,
  type CommandStatementUpdate,
  type TicketStatementQuery,
} from '../gen/arrow/flight/protocol/FlightSql_pb.js';
import { packAny, unpackActionBody, unpackCommand, type Command } from '../protocol/commands.js';
import { encapsulate } from '../protocol/flight-data-frame.js';
import { frameMessage } from '../protocol/grpc-frame.js';
import type { ServerCall } from './call.js';

/** What GetFlightInfo has to tell of a result. */
export interface ResultInfo {
  /** The flatbuffer `Message` with the schema. */
  readonly schema: Uint8Array;
  readonly ticket: Uint8Array;
}

/** What a prepared statement is answered with. Schemas are flatbuffer `Message`s. */
export interface PreparedInfo {
  readonly handle: Uint8Array;
  /** Undefined where the statement returns no rows: clients tell queries from updates by it. */
  readonly datasetSchema: Uint8Array | undefined;
  readonly parameterSchema: Uint8Array | undefined;
}

const SERVICE = '/arrow.flight.protocol.FlightService/';

const ACTIONS: Readonly<Record<string, string>> = {
  CreatePreparedStatement: 'Prepares a statement. Body: ActionCreatePreparedStatementRequest in an Any.',
  ClosePreparedStatement: 'Closes a prepared statement. Body: ActionClosePreparedStatementRequest in an Any.',
  CancelFlightInfo: 'Cancels a running statement. Body: CancelFlightInfoRequest.',
  CloseSession: 'Closes the session of the caller. Body: CloseSessionRequest.',
};

/**
 * A Flight SQL server: one typed method a command, each UNIMPLEMENTED until a subclass says otherwise. This is the
 * only place that unpacks messages; subclasses see no wire format but that of results.
 */
export abstract class FlightSqlServer {
  /** Answers one call to its end. */
  async handle(call: ServerCall): Promise<void> {
    this.authorize(call);
    switch (call.path) {
      case `${SERVICE}GetFlightInfo`:
        return this.reply(call, FlightInfoSchema, await this.getFlightInfo(await descriptorOf(call), call));
      case `${SERVICE}GetSchema`:
        return this.reply(call, SchemaResultSchema, await this.getSchema(await descriptorOf(call), call));
      case `${SERVICE}DoGet`:
        return this.doGet(decode(TicketSchema, await call.message()).ticket, call);
      case `${SERVICE}DoPut`:
        return this.doPut(call);
      case `${SERVICE}DoAction`:
        return this.doAction(call);
      case `${SERVICE}ListActions`:
        for (const [type, description] of Object.entries(ACTIONS))
          await push(call, ActionTypeSchema, { type, description });
        return call.finish();
      default:
        throw new DomainError('unimplemented', `${call.path.replace(SERVICE, '')} is not supported.`);
    }
  }

  /** Throws where the caller may not call at all. */
  protected abstract authorize(call: ServerCall): void;

  protected statementQueryInfo(command: CommandStatementQuery, _call: ServerCall): Promise<ResultInfo> {
    return unsupported(command);
  }

  protected statementQuerySchema(command: CommandStatementQuery, _call: ServerCall): Promise<Uint8Array> {
    return unsupported(command);
  }

  protected preparedStatementQueryInfo(
    c: CommandPreparedStatementQuery,
    _call: ServerCall,
  ): Promise<ResultInfo> {
    return unsupported(c);
  }

  protected preparedStatementQuerySchema(
    c: CommandPreparedStatementQuery,
    _call: ServerCall,
  ): Promise<Uint8Array> {
    return unsupported(c);
  }

  protected catalogsSchema(command: CommandGetCatalogs): Promise<Uint8Array> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamCatalogs(command: CommandGetCatalogs, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  protected dbSchemasSchema(command: CommandGetDbSchemas): Promise<Uint8Array> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamDbSchemas(command: CommandGetDbSchemas, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  protected tablesSchema(command: CommandGetTables): Promise<Uint8Array> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamTables(command: CommandGetTables, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  protected tableTypesSchema(command: CommandGetTableTypes): Promise<Uint8Array> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamTableTypes(command: CommandGetTableTypes, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  protected sqlInfoSchema(command: CommandGetSqlInfo): Promise<Uint8Array> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamSqlInfo(command: CommandGetSqlInfo, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  /** Sends FlightData frames; the caller ends the call. */
  protected streamStatement(ticket: TicketStatementQuery, _call: ServerCall): Promise<void> {
    return unsupported(ticket);
  }

  /** Executes a query that came as a ticket, without GetFlightInfo before. Sends FlightData frames. */
  protected streamQuery(command: CommandStatementQuery, _call: ServerCall): Promise<void> {
    return unsupported(command);
  }

  /** Resolves with the number of changed rows. */
  protected statementUpdate(command: CommandStatementUpdate, _call: ServerCall): Promise<bigint> {
    return unsupported(command);
  }

  /** Resolves with the number of changed rows. */
  protected preparedStatementUpdate(c: CommandPreparedStatementUpdate, _call: ServerCall): Promise<bigint> {
    return unsupported(c);
  }

  protected createPreparedStatement(_query: string, _call: ServerCall): Promise<PreparedInfo> {
    return unsupported({ $typeName: 'CreatePreparedStatement' });
  }

  protected closePreparedStatement(_handle: Uint8Array, _call: ServerCall): Promise<void> {
    return unsupported({ $typeName: 'ClosePreparedStatement' });
  }

  protected cancel(_tickets: readonly Uint8Array[], _call: ServerCall): Promise<CancelStatus> {
    return unsupported({ $typeName: 'CancelFlightInfo' });
  }

  protected closeSession(_call: ServerCall): Promise<void> {
    return unsupported({ $typeName: 'CloseSession' });
  }

  private async getFlightInfo(
    descriptor: FlightDescriptor,
    call: ServerCall,
  ): Promise<MessageInitShape<typeof FlightInfoSchema>> {
    const { schema, ticket } = await this.resultInfo(unpackCommand(descriptor.cmd), descriptor.cmd, call);
    return {
      schema: encapsulate(schema),
      flightDescriptor: descriptor,
      // No location: a client must come back here with the ticket, or it would pass by the proxy.
      endpoint: [{ ticket: { ticket } }],
      totalRecords: -1n,
      totalBytes: -1n,
    };
  }

  private async resultInfo(command: Command, packed: Uint8Array, call: ServerCall): Promise<ResultInfo> {
    switch (command.name) {
      case 'CommandStatementQuery':
        return this.statementQueryInfo(command.message, call);
      case 'CommandPreparedStatementQuery':
        return this.preparedStatementQueryInfo(command.message, call);
      default:
        // Metadata is its own ticket: nothing has to be remembered.
        return { schema: await this.metadataSchema(command), ticket: packed };
    }
  }

  private async getSchema(
    descriptor: FlightDescriptor,
    call: ServerCall,
  ): Promise<MessageInitShape<typeof SchemaResultSchema>> {
    const command = unpackCommand(descriptor.cmd);
    switch (command.name) {
      case 'CommandStatementQuery':
        return { schema: encapsulate(await this.statementQuerySchema(command.message, call)) };
      case 'CommandPreparedStatementQuery':
        return { schema: encapsulate(await this.preparedStatementQuerySchema(command.message, call)) };
      default:
        return { schema: encapsulate(await this.metadataSchema(command)) };
    }
  }

  private async doGet(ticket: Uint8Array, call: ServerCall): Promise<void> {
    const command = unpackCommand(ticket);
    switch (command.name) {
      case 'TicketStatementQuery':
        await this.streamStatement(command.message, call);
        break;
      case 'CommandStatementQuery':
        await this.streamQuery(command.message, call);
        break;
      default:
        await this.streamMetadata(command, call);
    }
    call.finish();
  }

  private metadataSchema(command: Command): Promise<Uint8Array> {
    switch (command.name) {
      case 'CommandGetSqlInfo':
        return this.sqlInfoSchema(command.message);
      case 'CommandGetCatalogs':
        return this.catalogsSchema(command.message);
      case 'CommandGetDbSchemas':
        return this.dbSchemasSchema(command.message);
      case 'CommandGetTables':
        return this.tablesSchema(command.message);
      case 'CommandGetTableTypes':
        return this.tableTypesSchema(command.message);
      default:
        return unsupported(command.message);
    }
  }

  private streamMetadata(command: Command, call: ServerCall): Promise<void> {
    switch (command.name) {
      case 'CommandGetSqlInfo':
        return this.streamSqlInfo(command.message, call);
      case 'CommandGetCatalogs':
        return this.streamCatalogs(command.message, call);
      case 'CommandGetDbSchemas':
        return this.streamDbSchemas(command.message, call);
      case 'CommandGetTables':
        return this.streamTables(command.message, call);
      case 'CommandGetTableTypes':
        return this.streamTableTypes(command.message, call);
      default:
        return unsupported(command.message);
    }
  }

  private async doPut(call: ServerCall): Promise<void> {
    const descriptor = decode(FlightDataSchema, await call.message()).flightDescriptor;
    if (!descriptor)
      throw new DomainError('invalid_argument', 'The first message of a DoPut must name its descriptor.');
    const command = unpackCommand(descriptor.cmd);
    const recordCount = await this.update(command, call);
    const appMetadata = toBinary(DoPutUpdateResultSchema, create(DoPutUpdateResultSchema, { recordCount }));
    await push(call, PutResultSchema, { appMetadata });
    call.finish();
  }

  private update(command: Command, call: ServerCall): Promise<bigint> {
    switch (command.name) {
      case 'CommandStatementUpdate':
        return this.statementUpdate(command.message, call);
      case 'CommandPreparedStatementUpdate':
        return this.preparedStatementUpdate(command.message, call);
      default:
        return unsupported(command.message);
    }
  }

  private async doAction(call: ServerCall): Promise<void> {
    const { type, body } = decode(ActionSchema, await call.message());
    const result = await this.action(type, body, call);
    if (result) await push(call, ResultSchema, { body: result });
    call.finish();
  }

  private async action(type: string, body: Uint8Array, call: ServerCall): Promise<Uint8Array | undefined> {
    switch (type) {
      case 'CreatePreparedStatement': {
        const { query } = unpackActionBody(ActionCreatePreparedStatementRequestSchema, body);
        const info = await this.createPreparedStatement(query, call);
        return packAny(ActionCreatePreparedStatementResultSchema, {
          preparedStatementHandle: info.handle,
          ...(info.datasetSchema && { datasetSchema: encapsulate(info.datasetSchema) }),
          ...(info.parameterSchema && { parameterSchema: encapsulate(info.parameterSchema) }),
        });
      }
      case 'ClosePreparedStatement':
        await this.closePreparedStatement(
          unpackActionBody(ActionClosePreparedStatementRequestSchema, body).preparedStatementHandle,
          call,
        );
        return undefined;
      case 'CancelFlightInfo': {
        const { info } = decode(CancelFlightInfoRequestSchema, body);
        const tickets = (info?.endpoint ?? []).flatMap(({ ticket }) => (ticket ? [ticket.ticket] : []));
        return encode(CancelFlightInfoResultSchema, { status: await this.cancel(tickets, call) });
      }
      case 'CloseSession':
        await this.closeSession(call);
        return encode(CloseSessionResultSchema, { status: CloseSessionResult_Status.CLOSED });
      default:
        throw new DomainError(
          'unimplemented',
          `The action ${type} is not supported. ListActions tells which are.`,
        );
    }
  }

  private async reply<D extends DescMessage>(
    call: ServerCall,
    schema: D,
    init: MessageInitShape<D>,
  ): Promise<void> {
    await push(call, schema, init);
    call.finish();
  }
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

function encode<D extends DescMessage>(schema: D, init: MessageInitShape<D>): Uint8Array {
  return toBinary(schema, create(schema, init));
}

function decode<D extends DescMessage>(schema: D, bytes: Uint8Array) {
  try {
    return fromBinary(schema, bytes);
  } catch (cause) {
    throw new DomainError('invalid_argument', `The request is not a valid ${schema.name} message.`, {
      cause,
    });
  }
}

function unsupported({ $typeName }: { readonly $typeName: string }): Promise<never> {
  const name = $typeName.slice($typeName.lastIndexOf('.') + 1);
  return Promise.reject(new DomainError('unimplemented', `${name} is not supported here.`));
}
