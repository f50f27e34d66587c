export { FlightSqlServer } from './server/flight-sql-server.js';
export { action, command } from './server/handlers.js';
export type { AnyAction, AnyCommand, Handlers, PollAnswer, ResultInfo } from './server/handlers.js';
export type { IpcMessage, PutInput } from './server/put-input.js';
export { GrpcServer } from './server/grpc-server.js';
export type { GrpcServerOptions } from './server/grpc-server.js';
export { ServerCall } from './server/call.js';
export { decode, encode, packAny, unpackCommand } from './protocol/commands.js';
export {
  encapsulate,
  frameFlightData,
  frameFlightDataHeader,
  frameFlightDataInPlace,
} from './protocol/flight-data-frame.js';
export { parseGrpcTimeout } from './protocol/grpc-timeout.js';
export { frameMessage } from './protocol/grpc-frame.js';
export { GRPC_RESPONSE_HEADERS, OK_TRAILERS, encodeGrpcMessage, errorTrailers } from './protocol/status.js';
export * from './gen/arrow/flight/protocol/Flight_pb.js';
export * from './gen/arrow/flight/protocol/FlightSql_pb.js';
export {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus,
} from './gen/grpc/health/v1/health_pb.js';
