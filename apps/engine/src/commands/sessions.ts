import { identifier, literal } from '@pondpilot/duckdb';
import {
  CloseSessionRequestSchema,
  CloseSessionResultSchema,
  CloseSessionResult_Status,
  GetSessionOptionsRequestSchema,
  GetSessionOptionsResultSchema,
  SetSessionOptionsRequestSchema,
  SetSessionOptionsResultSchema,
  SetSessionOptionsResult_ErrorValue as ErrorValue,
  action,
  type Handlers,
  type SessionOptionValue,
} from '@pondpilot/flight-sql';
import { originOf } from '../call-origin.js';
import type { UserSession } from '../user-session.js';
import type { CommandParts } from './parts.js';

/** Options by their names in lower case, in the order in which they are set, with the statement that sets each. */
const OPTIONS = new Map<string, (value: string | undefined, session: UserSession) => Promise<string>>([
  ['catalog', async (value = 'memory') => `USE ${identifier(value)}`],
  [
    'schema',
    async (value, session) => {
      const { catalog } = await session.settings();
      return value === undefined
        ? `USE ${identifier(catalog)}`
        : `USE ${identifier(catalog)}.${identifier(value)}`;
    },
  ],
  ['timezone', async (value = 'UTC') => `SET TimeZone = ${literal(value)}`],
]);

/** The session of the caller: its options, and its end. */
export function sessionCommands(parts: CommandParts): Handlers {
  const { sessions } = parts;
  return {
    actions: [
      action({
        type: 'SetSessionOptions',
        description: 'Sets catalog, schema and timezone of the session. Body: SetSessionOptionsRequest.',
        request: SetSessionOptionsRequestSchema,
        response: SetSessionOptionsResultSchema,
        run: async ({ sessionOptions }, call) => {
          try {
            return { errors: await setOptions(await sessions.get(originOf(call).session), sessionOptions) };
          } finally {
            // Names mean other tables now.
            parts.catalog.changed();
          }
        },
      }),
      action({
        type: 'GetSessionOptions',
        description: 'Tells catalog, schema and timezone of the session. Body: GetSessionOptionsRequest.',
        request: GetSessionOptionsRequestSchema,
        response: GetSessionOptionsResultSchema,
        run: async (_request, call) => {
          const { catalog, schema, timeZone } = await (await sessions.get(originOf(call).session)).settings();
          const options = { catalog, schema, timezone: timeZone };
          return {
            sessionOptions: Object.fromEntries(
              Object.entries(options).map(([name, value]) => [
                name,
                { optionValue: { case: 'stringValue' as const, value } },
              ]),
            ),
          };
        },
      }),
      action({
        type: 'CloseSession',
        description: 'Closes the session of the caller. Body: CloseSessionRequest.',
        request: CloseSessionRequestSchema,
        response: CloseSessionResultSchema,
        run: async (_request, call) => {
          await sessions.close(originOf(call));
          return { status: CloseSessionResult_Status.CLOSED };
        },
      }),
    ],
  };
}

/** The errors of those that could not be set, by their names. */
async function setOptions(
  session: UserSession,
  options: Readonly<Record<string, SessionOptionValue>>,
): Promise<Record<string, { value: ErrorValue }>> {
  const errors: Record<string, { value: ErrorValue }> = {};
  const names = Object.keys(options);
  for (const name of names.filter((given) => !OPTIONS.has(plain(given))))
    errors[name] = { value: ErrorValue.INVALID_NAME };
  for (const [known, statement] of OPTIONS) {
    const name = names.find((given) => plain(given) === known);
    const given = name === undefined ? undefined : options[name]?.optionValue;
    if (name === undefined || !given) continue;
    const value = given.case === 'stringValue' ? given.value : undefined;
    try {
      if (given.case !== undefined && value === undefined) errors[name] = { value: ErrorValue.INVALID_VALUE };
      else await session.set(await statement(value === '' ? undefined : value, session));
    } catch {
      errors[name] = { value: ErrorValue.INVALID_VALUE };
    }
  }
  return errors;
}

/** Clients write `timezone`, `time_zone` and `TimeZone`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll('_', '');
}
