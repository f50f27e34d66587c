import {
  FlightDescriptorSchema,
  PollInfoSchema,
  decode,
  encode,
  type FlightDescriptor,
} from '@pondpilot/flight-sql';
import type { IncomingCall } from '@pondpilot/flight-sql/forwarder';
import { DomainError } from '@pondpilot/kernel';
import type { Waiting } from '@pondpilot/orchestrator';

/**
 * What a poll asks for; undefined where it can't be read here, being too long or compressed, which the engine can.
 * Throws `invalid_argument` where it is no descriptor.
 */
export async function descriptorIn(incoming: IncomingCall): Promise<FlightDescriptor | undefined> {
  let message: Uint8Array;
  try {
    message = await incoming.firstMessage();
  } catch (error) {
    if (error instanceof DomainError && error.kind === 'invalid_argument') return undefined;
    throw error;
  }
  return decode(FlightDescriptorSchema, message);
}

/**
 * The PollInfo of a query whose engine is not ready: the next poll asks the same. Clients want an `info`, if only an
 * empty one; what it holds as `app_metadata` is what the log and `/health/detailed` tell of the wait.
 */
export function stillWaiting(flightDescriptor: FlightDescriptor, waiting: Waiting | undefined): Uint8Array {
  const { step: state = 'waiting', place } = waiting ?? {};
  const appMetadata = new TextEncoder().encode(JSON.stringify({ state, place }));
  const info = { flightDescriptor, totalRecords: -1n, totalBytes: -1n, appMetadata };
  return encode(PollInfoSchema, { info, flightDescriptor });
}
