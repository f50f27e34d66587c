import {
  createSecureServer,
  createServer as createHttp2Server,
  type Http2SecureServer,
  type Http2Server,
  type ServerHttp2Session,
} from 'node:http2';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { messageOf } from '@pondpilot/kernel';
import { Connection, type ConnectionHost } from './connection.js';
import type { MainMessage, ThreadMessage, ThreadSettings } from './link.js';
import { noticeReset } from './notice-reset.js';
import { KEEPALIVE_MS, PREFACE_TIMEOUT_MS, sessionOptions } from './settings.js';
import { sniff } from './sniff.js';
import { STOPPING } from './status.js';
import type { ListenerTls } from './types.js';

/** For statuses to leave before their connections are cut. */
const LAST_WORDS_MS = 300;

/** The listener's thread: sockets in, bytes between clients and engines, questions to the main thread. */
export class Serving {
  private readonly connections = new Set<Connection>();
  private readonly connectionOf = new Map<number, Connection>();
  private readonly http2: Http2Server | Http2SecureServer;
  private readonly server: Server;
  /** Sockets that are no HTTP/2 session yet, by their peer: those that have said nothing, or shake hands. */
  private readonly unready = new Map<string, Socket>();
  private readonly unposted: ThreadMessage[] = [];
  private serverClosed = false;
  private nextConnectionId: number;
  private nextCallId = 1;
  /** Why engines have stopped, asked of the main thread. */
  private readonly questions = new Map<number, (reason: string | undefined) => void>();
  private nextQuestion = 1;

  constructor(
    private readonly main: Pick<MessagePort, 'postMessage'>,
    private readonly settings: ThreadSettings,
  ) {
    this.nextConnectionId = settings.firstConnectionId;
    this.http2 = settings.tls ? createTlsServer(settings.tls) : createHttp2Server(sessionOptions);
    this.http2.on('session', (session) => this.onSession(session));
    this.http2.on('sessionError', () => {});
    const socketOptions = { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_MS };
    this.server = createServer(socketOptions, (socket) => this.onSocket(socket));
  }

  listen(): void {
    const { host, port } = this.settings;
    this.server.once('error', (error: NodeJS.ErrnoException) =>
      this.post({ type: 'failed', code: error.code, message: error.message }),
    );
    this.server.listen({ host, port }, () => {
      this.server.removeAllListeners('error');
      this.server.on('error', (error) => this.post({ type: 'error', message: error.message }));
      this.post({ type: 'listening', port: (this.server.address() as AddressInfo).port });
    });
  }

  obey(message: MainMessage): void {
    if (message.type === 'close') this.close(message.graceMs);
    else if (message.type === 'secure') this.secure(message.tls);
    else if (message.type === 'stopped-because') this.onReason(message.question, message.reason);
    else this.connectionOf.get(message.id)?.obey(message);
  }

  private secure(tls: ListenerTls): void {
    try {
      if ('setSecureContext' in this.http2) this.http2.setSecureContext(tls);
    } catch (error) {
      this.post({ type: 'error', message: `the new certificate can't be used: ${messageOf(error)}` });
    }
  }

  private close(graceMs: number): void {
    const cut = setTimeout(() => {
      for (const connection of this.connections) connection.cut(STOPPING);
      setTimeout(() => this.connections.forEach((connection) => connection.destroy()), LAST_WORDS_MS);
    }, graceMs);
    this.server.close(() => {
      clearTimeout(cut);
      this.serverClosed = true;
      this.tellClosed();
    });
    for (const socket of this.unready.values()) socket.destroy();
    for (const connection of this.connections) connection.close();
  }

  /** Engines may close their streams after the clients have gone, and the main thread waits for the end of each call. */
  private tellClosed(): void {
    if (this.serverClosed && this.connectionOf.size === 0) this.post({ type: 'closed' });
  }

  private onSocket(socket: Socket): void {
    const peer = peerOf(socket);
    this.unready.set(peer, socket);
    socket.once('close', () => {
      if (this.unready.get(peer) === socket) this.unready.delete(peer);
    });
    const expected = this.settings.tls ? 'tls' : 'http2';
    sniff(socket, expected, () => {
      if (this.settings.tls) noticeReset(socket);
      this.http2.emit('connection', socket);
    });
  }

  private onSession(session: ServerHttp2Session): void {
    this.unready.delete(peerOf(session.socket));
    const host: ConnectionHost = {
      post: (message) => this.onMessage(message),
      enter: (entering) => {
        this.connectionOf.set(this.nextCallId, entering);
        return this.nextCallId++;
      },
      leave: (id) => this.forget(id),
      reasonOfStop: (target) => this.reasonOfStop(target),
    };
    const connection = new Connection(this.nextConnectionId++, session, host);
    this.connections.add(connection);
    session.on('close', () => this.connections.delete(connection));
  }

  private reasonOfStop(target: string): Promise<string | undefined> {
    const question = this.nextQuestion++;
    return new Promise((resolve) => {
      this.questions.set(question, resolve);
      this.post({ type: 'stopped', question, target });
    });
  }

  private onReason(question: number, reason: string | undefined): void {
    this.questions.get(question)?.(reason);
    this.questions.delete(question);
  }

  private onMessage(message: ThreadMessage): void {
    this.post(message);
    if (message.type === 'ended') this.forget(message.id);
  }

  private forget(callId: number): void {
    this.connectionOf.delete(callId);
    this.tellClosed();
  }

  /** Waking the main thread costs more than most messages: those that nobody waits for go together. */
  private post(message: ThreadMessage): void {
    this.unposted.push(message);
    if (message.type !== 'ended' && message.type !== 'sent') return this.flush();
    if (this.unposted.length === 1) setImmediate(() => this.flush());
  }

  private flush(): void {
    const messages = this.unposted.splice(0);
    const [first, ...others] = messages;
    if (!first) return;
    const message: ThreadMessage = others.length === 0 ? first : { type: 'several', messages };
    this.main.postMessage(message);
  }
}

function createTlsServer(tls: ListenerTls): Http2SecureServer {
  const server = createSecureServer({ ...sessionOptions, ...tls, handshakeTimeout: PREFACE_TIMEOUT_MS });
  // A handshake that fails concerns its client alone, which sees the end of the connection.
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
}

/** Over TLS the session has another socket than the server gave, but the same peer. */
function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
