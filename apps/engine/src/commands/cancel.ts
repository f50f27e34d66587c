import {
  ActionCancelQueryRequestSchema,
  ActionCancelQueryResultSchema,
  ActionCancelQueryResult_CancelResult as CancelResult,
  CancelFlightInfoRequestSchema,
  CancelFlightInfoResultSchema,
  CancelStatus,
  FlightInfoSchema,
  RenewFlightEndpointRequestSchema,
  FlightEndpointSchema,
  action,
  decode,
  type FlightInfo,
  type Handlers,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import { handleIn } from '../tickets.js';
import type { CommandParts } from './parts.js';

/** What clients do to results that they have a FlightInfo of. */
export function cancelCommands({ activity, tickets }: CommandParts): Handlers {
  /** Whether anything of it ran. */
  const cancel = (info: FlightInfo | undefined): boolean => {
    const packed = (info?.endpoint ?? []).flatMap(({ ticket }) => (ticket ? [ticket.ticket] : []));
    // One that is still being polled has no endpoint yet, and its ticket beside.
    if (info && info.appMetadata.byteLength > 0) packed.push(info.appMetadata);
    const handles = packed.map(handleIn);
    return handles.filter((handle) => activity.interruptTicket(handle) > 0).length > 0;
  };
  return {
    actions: [
      action({
        type: 'CancelFlightInfo',
        description: 'Cancels a running statement. Body: CancelFlightInfoRequest.',
        request: CancelFlightInfoRequestSchema,
        response: CancelFlightInfoResultSchema,
        run: async ({ info }) => ({
          status: cancel(info) ? CancelStatus.CANCELLED : CancelStatus.NOT_CANCELLABLE,
        }),
      }),
      action({
        type: 'CancelQuery',
        description:
          'Cancels a running statement, for older clients. Body: ActionCancelQueryRequest in an Any.',
        request: ActionCancelQueryRequestSchema,
        response: ActionCancelQueryResultSchema,
        run: async ({ info }) => ({
          result: cancel(decode(FlightInfoSchema, info))
            ? CancelResult.CANCELLED
            : CancelResult.NOT_CANCELLABLE,
        }),
      }),
      action({
        type: 'RenewFlightEndpoint',
        description: 'Keeps a ticket for longer. Body: RenewFlightEndpointRequest.',
        request: RenewFlightEndpointRequestSchema,
        response: FlightEndpointSchema,
        run: async ({ endpoint }) => {
          if (!endpoint?.ticket) throw new DomainError('invalid_argument', 'The endpoint has no ticket.');
          const handle = handleIn(endpoint.ticket.ticket);
          // Metadata is its own ticket and never ends.
          if (handle.byteLength > 0) tickets.get(handle);
          return endpoint;
        },
      }),
    ],
  };
}
