export { parseEngineLaunch, parseEngineReport } from './launch.js';
export type {
  AttachedDatabase,
  EngineFailed,
  EngineLaunch,
  EngineReady,
  EngineReport,
  EngineStep,
} from './launch.js';
export { CALL_SECRET_HEADER, CONNECTION_HEADER, CONTROL_SECRET_KEY, SESSION_HEADER } from './headers.js';
export { EngineControlClient, engineControlService } from './control.js';
export type { EngineControlHandlers } from './control.js';
export { EngineControl, HealthResponse_State as EngineState } from './gen/pondpilot/engine/v1/engine_pb.js';
export type { EngineHealthInit } from './control.js';
export type { HealthResponse as EngineHealth } from './gen/pondpilot/engine/v1/engine_pb.js';
export { GENEROUS_LIMITS } from './limits.js';
export type { EngineLimits, StatementLimits } from './limits.js';
