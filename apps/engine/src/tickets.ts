import { TicketStatementQuerySchema, decode, packAny, unpackCommand } from '@pondpilot/flight-sql';
import type { Clock } from '@pondpilot/kernel';
import type { PolledQuery } from './polled-query.js';
import { Handles } from './handles.js';
import type { StatementRequest } from './statements.js';

/**
 * What a ticket stands for: a query that runs when the ticket is redeemed, the kept result of a statement that has run,
 * or a query that runs already.
 */
export type Ticket =
  | { readonly kind: 'query'; readonly request: TicketRequest }
  | { readonly kind: 'done'; readonly session: string; readonly frames: readonly Buffer[] }
  | {
      readonly kind: 'polled';
      readonly request: TicketRequest;
      readonly query: PolledQuery;
      readonly schema: Uint8Array;
    };

/** A statement without the call that it came by. */
export type TicketRequest = Omit<StatementRequest, 'signal' | 'ticket'>;

const TICKET_TIME_MS = 10 * 60_000;
const TICKETS = 10_000;

/** Tickets that clients have and may still redeem. */
export class Tickets {
  private readonly tickets: Handles<Ticket>;

  constructor(clock: Clock) {
    this.tickets = new Handles('ticket', clock, TICKET_TIME_MS, TICKETS);
  }

  /** The ticket as clients get it. */
  add(ticket: Ticket): Uint8Array {
    return pack(this.tickets.add(ticket));
  }

  /** As `add`, for a ticket that knows its handle. */
  addNamed(make: (handle: Uint8Array) => Ticket): Uint8Array {
    return pack(this.tickets.addNamed(make));
  }

  /** Throws `not_found` for one that was never given or has ended. */
  get(handle: Uint8Array): Ticket {
    return this.tickets.get(handle);
  }

  forgetSession(name: string): void {
    this.tickets.removeWhere((ticket) => sessionOf(ticket) === name);
  }
}

/** A ticket with this handle, as clients get it. */
export function pack(statementHandle: Uint8Array): Uint8Array {
  return packAny(TicketStatementQuerySchema, { statementHandle });
}

/** The handle in a ticket that clients got; empty where it is none of a statement. */
export function handleIn(packed: Uint8Array): Uint8Array {
  const { name, value } = unpackCommand(packed);
  if (name !== 'TicketStatementQuery') return new Uint8Array();
  return decode(TicketStatementQuerySchema, value).statementHandle;
}

function sessionOf(ticket: Ticket): string {
  return ticket.kind === 'done' ? ticket.session : ticket.request.origin.session;
}
