export { startListener } from './listener.js';
export type {
  CallHeaders,
  CallOutcome,
  CallRoute,
  CallRouter,
  FlightListener,
  IncomingCall,
  ListenerOptions,
  ListenerTls,
} from './types.js';
