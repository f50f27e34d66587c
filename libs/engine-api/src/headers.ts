/** Header of every call on an engine's data port: the secret that its claim set. */
export const CALL_SECRET_HEADER = 'x-pondpilot-call';
/** Header that names the user's session; absent for the default session. */
export const SESSION_HEADER = 'x-pondpilot-session';
/**
 * Header that names the client connection which a call came over: the same for all its calls, and never used again by
 * any proxy. The control call `connectionClosed` tells its end.
 */
export const CONNECTION_HEADER = 'x-pondpilot-connection';
/** Metadata key of every control call. */
export const CONTROL_SECRET_KEY = 'x-pondpilot-control';
