import { once } from 'node:events';
import { connect } from 'node:http2';
import { TicketSchema, encode, frameMessage } from '@pondpilot/flight-sql';
import { Failure } from '../scripts/lib/fail.mjs';

const PATIENCE_MS = 30_000;

/** Sends a query on a new connection, as a DoGet with the SQL as its ticket. Resolves once all of it is there. */
export async function query({ location, headers }, sql) {
  const session = connect(location.replace('grpc:', 'http:'));
  try {
    const call = session.request({
      ...headers,
      ':method': 'POST',
      ':path': '/arrow.flight.protocol.FlightService/DoGet',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    call.setTimeout(PATIENCE_MS, () => call.destroy(new Failure('A first query was not answered in time.')));
    let status;
    const look = (received) => (status = received['grpc-status'] ?? status);
    call.on('response', look).on('trailers', look);
    call.end(frameMessage(encode(TicketSchema, { ticket: Buffer.from(sql) })));
    call.resume();
    await once(call, 'end');
    if (status !== '0') throw new Failure(`A first query was refused with status ${status}.`);
  } finally {
    session.close();
  }
}
