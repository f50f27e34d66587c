import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import Docker from 'dockerode';
import type { Daemon } from './daemon.js';

/** One request, as a daemon gets it. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: Readonly<Record<string, string>>;
  /** `filters` of the query. */
  readonly filters: Readonly<Record<string, string[] | undefined>>;
  readonly body: Record<string, unknown>;
}

/** A status and its JSON, or what writes the answer itself. */
export type Answer = readonly [status: number, body?: unknown] | { write(response: ServerResponse): void };

interface Rule {
  readonly method: string;
  readonly path: RegExp;
  readonly answer: (call: Call) => Answer | undefined;
}

/**
 * A daemon that speaks Docker's API (docs.docker.com/reference/api/engine) over a socket, and knows what a test tells it:
 * the last rule that has an answer is heard. All else is not found.
 */
export class FakeDaemon {
  readonly calls: Call[] = [];
  /** Takes a connection whose stream is taken over, as that of attach with standard input; without it is never answered. */
  onUpgrade: ((call: Call, socket: Duplex) => void) | undefined;
  private readonly rules: Rule[] = [];
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;

  constructor(readonly socketPath = join(tmpdir(), `docker-${randomBytes(6).toString('hex')}.sock`)) {}

  get docker(): Docker {
    // Whatever DOCKER_HOST says where the tests run.
    const here = { socketPath: this.socketPath, host: undefined, protocol: 'http' as const };
    return new Docker({ ...here, headers: { Connection: 'close' } });
  }

  get daemon(): Daemon {
    return { calls: this.docker, streams: this.docker, answerMs: 30_000 };
  }

  async start(): Promise<void> {
    this.server = createServer((request, response) => void this.serve(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    this.server.on('upgrade', (request: IncomingMessage, socket: Duplex) => {
      const call = { ...calledBy(request), body: {} };
      this.calls.push(call);
      socket.on('error', () => {});
      this.onUpgrade?.(call, socket);
    });
    this.server.listen(this.socketPath);
    await once(this.server, 'listening');
  }

  /** As a daemon that ends. */
  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server?.close(resolve));
    this.cut();
    await closed;
    await rm(this.socketPath, { force: true });
  }

  /** Cuts all connections that there are; new ones are taken. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Of `GET /containers/json` and the like; a `*` stands for one part of the path. */
  on(what: string, answer: Answer | ((call: Call) => Answer | undefined)): void {
    const { method, path } = parsed(what);
    const pattern = new RegExp(`^${path.replaceAll('*', '[^/]+')}$`);
    this.rules.unshift({
      method,
      path: pattern,
      answer: typeof answer === 'function' ? answer : () => answer,
    });
  }

  /** What of this was asked so far. */
  asked(what: string): Call[] {
    const { method, path } = parsed(what);
    return this.calls.filter((call) => call.method === method && call.path === path);
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const hasBody = (request.headers['content-type'] ?? '').includes('json');
    const body = hasBody ? ((await json(request)) as Call['body']) : {};
    const call = { ...calledBy(request), body };
    this.calls.push(call);
    const answer = this.answerTo(call) ?? [404, { message: `no such object: ${call.path}` }];
    if ('write' in answer) {
      answer.write(response);
      return;
    }
    const [status, told] = answer;
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(told === undefined ? '' : JSON.stringify(told));
  }

  private answerTo(call: Call): Answer | undefined {
    for (const { method, path, answer } of this.rules) {
      const found = method === call.method && path.test(call.path) ? answer(call) : undefined;
      if (found) return found;
    }
    return undefined;
  }
}

function parsed(what: string): { method: string; path: string } {
  const [method = '', path = ''] = what.split(' ');
  return { method, path };
}

function calledBy({ method = '', url = '/', headers }: IncomingMessage): Omit<Call, 'body'> {
  const { pathname, searchParams } = new URL(url, 'http://docker');
  const { filters = '{}', ...query } = Object.fromEntries(searchParams);
  return { method, path: decodeURIComponent(pathname), headers, query, filters: JSON.parse(filters) };
}
