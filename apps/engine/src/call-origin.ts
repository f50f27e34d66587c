import { CONNECTION_HEADER, SESSION_HEADER } from '@pondpilot/engine-api';
import type { ServerCall } from '@pondpilot/flight-sql';

/** Where a call comes from. */
export interface CallOrigin {
  /** Name of the user's session; empty for the default one. */
  readonly session: string;
  /** Id of the client's connection to the proxy; empty where there is none. */
  readonly connection: string;
  /** Whether its client looks up values in dictionaries; it does unless this is false. */
  readonly dictionaries?: boolean;
}

/** Arrow's JDBC driver shows the indices of dictionaries as if they were the values. */
const WITHOUT_DICTIONARIES = /^grpc-java/;

export function originOf(call: ServerCall): CallOrigin {
  return {
    session: call.header(SESSION_HEADER) ?? '',
    connection: call.header(CONNECTION_HEADER) ?? '',
    dictionaries: !WITHOUT_DICTIONARIES.test(call.header('user-agent') ?? ''),
  };
}
