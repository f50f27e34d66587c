/** Header of every call on an engine's data port: the secret that its claim set. */
export const CALL_SECRET_HEADER = 'x-pondpilot-call';
/** Header that names the user's session; absent for the default session. */
export const SESSION_HEADER = 'x-pondpilot-session';
/** Metadata key of every control call. */
export const CONTROL_SECRET_KEY = 'x-pondpilot-control';
