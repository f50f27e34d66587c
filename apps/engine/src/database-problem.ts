/** What messages of DuckDB and of the databases' own clients mean, for users: no address, no name. */
const PROBLEMS: readonly (readonly [RegExp, string | ((match: RegExpExecArray) => string)])[] = [
  [
    /password authentication failed|Access denied for user|no password supplied|pg_hba\.conf/i,
    'its server refuses the sign-in',
  ],
  [/database ".*" does not exist|Unknown database/i, 'its server does not know the database'],
  [
    /does not support SSL|SSL (error|connection is required|SYSCALL)|certificate/i,
    'no TLS connection that both sides accept',
  ],
  [
    /starting up|shutting down|recovery mode|too many (connections|clients)|remaining connection slots/i,
    'its server takes no connections now',
  ],
  [/timeout expired|timed out/i, 'its server does not answer'],
  [
    /version number (\d+), but we can only read/i,
    (match) =>
      `its file was made by a newer version of DuckDB (storage version ${match[1]}) than engines have`,
  ],
  [/Could not set lock on file|Conflicting lock/i, 'its file is opened for writing by another process'],
  [
    /Unable to connect to Postgres|Failed to connect to MySQL|could not connect to server|connection to server at|Can't connect to (MySQL )?server|Lost connection|has gone away|server closed the connection|terminating connection|connection not open|no connection to the server|SSL connection has been closed/i,
    'its server can not be reached',
  ],
];

/** Why a database is not available, or undefined where the message is about something else. */
export function problemOf(message: string): string | undefined {
  for (const [pattern, problem] of PROBLEMS) {
    const match = pattern.exec(message);
    if (match) return typeof problem === 'string' ? problem : problem(match);
  }
  return undefined;
}

const PASSING: ReadonlySet<string> = new Set([
  'its server takes no connections now',
  'its server does not answer',
  'its server can not be reached',
]);

/** Whether a problem may be gone the next time, without anyone changing a setting. */
export function passes(problem: string): boolean {
  return PASSING.has(problem);
}
