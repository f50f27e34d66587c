import type { ListenerTls } from '@pondpilot/flight-sql/forwarder';
import { policy } from './policy.js';
import type { Certificate } from './tls-files.js';

/** The gRPC port: without a good certificate, clients that must have one get no connection. */
export function grpcTls(certificate: Certificate): ListenerTls {
  return { ...tlsOf(certificate), rejectUnauthorized: true };
}

/**
 * The HTTP port: probes of an orchestrator have no certificate, so the connection is taken, and each request is judged
 * by its path; see `client-certificates.ts`.
 */
export function httpTls(certificate: Certificate) {
  return { ...tlsOf(certificate), rejectUnauthorized: false, handshakeTimeout: 10_000 };
}

function tlsOf({ cert, key, clientCa }: Certificate) {
  const ca = clientCa === undefined ? {} : { ca: clientCa };
  return { ...policy, cert, key, ...ca, requestCert: clientCa !== undefined };
}
