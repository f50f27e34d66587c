import { statSync } from 'node:fs';
import { messageOf } from '@pondpilot/kernel';
import Docker from 'dockerode';

/** A daemon that hangs must not hold up who asks for ever. */
const ANSWER_MS = 60_000;

/** Docker, for calls that are answered soon, and for streams, which may be silent for hours once they have begun. */
export interface Daemon {
  readonly calls: Docker;
  readonly streams: Docker;
  /** How long an answer may take to begin. */
  readonly answerMs: number;
}

export function connectDaemon(answerMs = ANSWER_MS): Daemon {
  // A kept connection would fail the first call after a restart of the daemon. An agent is no way to say so: docker-modem
  // writes all that it holds into a text for each call.
  const headers = { Connection: 'close' };
  // Until an answer begins; the types do not have it.
  const untilBegun = { connectionTimeout: answerMs, headers };
  return { calls: new Docker({ timeout: answerMs, headers }), streams: new Docker(untilBegun), answerMs };
}

/** For a stream that is taken over from HTTP: docker-modem sets no bound to the begin of that. */
export async function begunWithin<T>(ms: number, begin: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), ms);
  try {
    return await begin(late.signal);
  } finally {
    clearTimeout(timer);
  }
}

/** The status of an answer that refused a call; undefined where there was no answer. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

export const isMissing = (error: unknown): boolean => statusOf(error) === 404;

/** Awaits a call that may find what it is about gone already. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** As the system tells of a daemon that is away, hangs up, or has not answered in time. */
const SILENT = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ABORT_ERR']);

/** Why a call to the daemon failed and what to do, in one line. */
export function daemonProblem(error: unknown): string {
  const { code, address, syscall } = error as NodeJS.ErrnoException & { address?: string };
  const at = address ?? process.env['DOCKER_HOST'] ?? 'its socket';
  if (code === 'ENOENT' && syscall === 'connect')
    return `There is no Docker socket at ${at}: start Docker, mount the socket into the proxy's container (-v ${at}:${at}), or set DOCKER_HOST.`;
  if (code === 'EACCES') return notAllowed(at);
  if (code !== undefined && SILENT.has(code))
    return `The Docker daemon does not answer at ${at}: start it, or set DOCKER_HOST.`;
  if (statusOf(error) === 403)
    return `Docker refuses: ${sentence(error)} A docker-socket-proxy must allow CONTAINERS, POST, EVENTS, PING, VERSION and NETWORKS.`;
  return `Docker can't be used: ${sentence(error)}`;
}

function notAllowed(socket: string): string {
  const user = `user ${process.getuid?.()}`;
  const gid = groupOf(socket);
  if (gid === undefined) return `The proxy, ${user}, may not use the Docker socket ${socket}.`;
  return `The proxy, ${user}, may not use the Docker socket ${socket}: add its group (Compose: group_add: ["${gid}"]; docker run --group-add ${gid}).`;
}

function groupOf(path: string): number | undefined {
  try {
    return statSync(path).gid;
  } catch {
    return undefined;
  }
}

/** What Docker said, on one line, with a full stop. */
export function sentence(error: unknown): string {
  const text = messageOf(error).replaceAll(/\s+/g, ' ').trim();
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
