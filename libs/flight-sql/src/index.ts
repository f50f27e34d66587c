export { FlightSqlServer } from './server/flight-sql-server.js';
export type { PreparedInfo, ResultInfo } from './server/flight-sql-server.js';
export { GrpcServer } from './server/grpc-server.js';
export type { GrpcServerOptions } from './server/grpc-server.js';
export { ServerCall } from './server/call.js';
export { packAny, unpackCommand } from './protocol/commands.js';
export {
  encapsulate,
  frameFlightData,
  frameFlightDataHeader,
  frameFlightDataInPlace,
} from './protocol/flight-data-frame.js';
export { frameMessage } from './protocol/grpc-frame.js';
export { GRPC_RESPONSE_HEADERS, OK_TRAILERS, encodeGrpcMessage, errorTrailers } from './protocol/status.js';
export {
  ActionSchema,
  BasicAuthSchema,
  CancelFlightInfoRequestSchema,
  CancelFlightInfoResultSchema,
  CancelStatus,
  FlightDataSchema,
  FlightDescriptorSchema,
  FlightDescriptor_DescriptorType,
  FlightInfoSchema,
  HandshakeRequestSchema,
  HandshakeResponseSchema,
  PutResultSchema,
  ResultSchema,
  TicketSchema,
} from './gen/arrow/flight/protocol/Flight_pb.js';
export {
  ActionCreatePreparedStatementRequestSchema,
  ActionCreatePreparedStatementResultSchema,
  CommandGetSqlInfoSchema,
  CommandPreparedStatementQuerySchema,
  CommandStatementUpdateSchema,
  DoPutUpdateResultSchema,
  TicketStatementQuerySchema,
  CommandGetCatalogsSchema,
  CommandGetDbSchemasSchema,
  CommandGetTableTypesSchema,
  CommandGetTablesSchema,
  type CommandGetCatalogs,
  type CommandGetDbSchemas,
  type CommandGetTableTypes,
  type CommandGetTables,
  type CommandGetSqlInfo,
  type CommandPreparedStatementQuery,
  type CommandPreparedStatementUpdate,
  type CommandStatementQuery,
  type CommandStatementUpdate,
  type TicketStatementQuery,
} from './gen/arrow/flight/protocol/FlightSql_pb.js';
export {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus,
} from './gen/grpc/health/v1/health_pb.js';
