import { once } from 'node:events';
import { connect } from 'node:http2';
import { TicketSchema, encode, frameMessage } from '@pondpilot/flight-sql';
import { Failure } from '../scripts/lib/fail.mjs';

const PATIENCE_MS = 30_000;

/** A connection to a target. */
export const open = ({ location }) => connect(location.replace('grpc:', 'http:'));

/** Sends a query, as a DoGet with the SQL as its ticket. Resolves once all of it is there. */
export async function ask(session, { headers }, sql) {
  const call = session.request({
    ...headers,
    ':method': 'POST',
    ':path': '/arrow.flight.protocol.FlightService/DoGet',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  call.setTimeout(PATIENCE_MS, () => call.destroy(new Failure('A query was not answered in time.')));
  let status;
  const look = (received) => (status = received['grpc-status'] ?? status);
  call.on('response', look).on('trailers', look);
  call.end(frameMessage(encode(TicketSchema, { ticket: Buffer.from(sql) })));
  call.resume();
  await once(call, 'end');
  if (status !== '0') throw new Failure(`A query was refused with status ${status}.`);
}

/** As `ask`, on a new connection. */
export async function query(target, sql) {
  const session = open(target);
  try {
    await ask(session, target, sql);
  } finally {
    session.close();
  }
}
