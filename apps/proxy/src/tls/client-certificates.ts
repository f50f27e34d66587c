import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { DomainError } from '@pondpilot/kernel';
import { problemOf } from '../http/problem.js';

/** What the probes of an orchestrator ask, which can't show a certificate. Neither answer tells anything of users. */
const FOR_ANYONE: ReadonlySet<string> = new Set(['/health', '/ready']);

const REFUSED = new DomainError(
  'permission_denied',
  'This server asks for client certificates: connect with one that an authority in its server.tls.client_ca_file signed.',
);

/** Refuses requests that came without a client certificate, or with one that nobody known signed. */
export function requireClientCertificate(
  request: IncomingMessage,
  response: ServerResponse,
  next: () => void,
): void {
  const path = request.url?.split('?', 1)[0] ?? '';
  if ((request.socket as TLSSocket).authorized || FOR_ANYONE.has(path)) return next();
  const { problem } = problemOf(REFUSED);
  response.writeHead(problem.status, { 'content-type': 'application/problem+json', connection: 'close' });
  response.end(JSON.stringify(problem));
}
