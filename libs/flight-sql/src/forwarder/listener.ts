import { Worker } from 'node:worker_threads';
import { DomainError } from '@pondpilot/kernel';
import { Deferred } from './deferred.js';
import type { CallArrived, MainMessage, ThreadMessage, ThreadSettings } from './link.js';
import { RoutedCall } from './routed-call.js';
import { LISTENER_LOST } from './status.js';
import type { CallRouter, FlightListener, ListenerOptions, ListenerTls } from './types.js';

/** Starts the listener's thread. */
export type Spawn = (settings: ThreadSettings) => Worker;

/** Each thread's connections get ids of their own, so that none is used again after a restart. */
const CONNECTIONS_PER_THREAD = 2 ** 32;

const FIRST_RESTART_MS = 50;
const MAX_RESTART_MS = 5_000;

/** For the thread to end by itself after the grace of a close. */
const CLOSE_MARGIN_MS = 1_000;

const spawnWorker: Spawn = (settings) =>
  new Worker(new URL('./worker.js', import.meta.url), { workerData: settings });

/**
 * Opens the gRPC port. Sockets and bytes live in a worker thread with a heap of its own; `router` runs here.
 * @throws DomainError `failed_precondition` when the port can't be had; its message names the setting
 */
export function startListener(options: ListenerOptions, router: CallRouter): Promise<FlightListener> {
  return startListenerIn(spawnWorker, options, router);
}

/** As `startListener`, in a thread that `spawn` starts. */
export async function startListenerIn(
  spawn: Spawn,
  options: ListenerOptions,
  router: CallRouter,
): Promise<FlightListener> {
  const listener = new Listener(spawn, options, router);
  await listener.start();
  return listener;
}

class Listener implements FlightListener {
  port: number;
  private tls: ListenerTls | undefined;
  private worker: Worker | undefined;
  private threads = 0;
  private restartMs = FIRST_RESTART_MS;
  private restartTimer: NodeJS.Timeout | undefined;
  private readonly calls = new Map<number, RoutedCall>();
  /** Ids of the connections that calls came over and that are open. */
  private readonly connections = new Set<number>();
  private closing: Deferred<void> | undefined;

  constructor(
    private readonly spawn: Spawn,
    private readonly options: ListenerOptions,
    private readonly router: CallRouter,
  ) {
    this.port = options.port;
    this.tls = options.tls;
  }

  /** Resolves when the port is open. */
  start(): Promise<void> {
    const { host } = this.options;
    const settings = {
      host,
      port: this.port,
      tls: this.tls,
      firstConnectionId: this.threads++ * CONNECTIONS_PER_THREAD + 1,
    };
    const worker = this.spawn(settings);
    const started = new Deferred<void>();
    let thrown: Error | undefined;
    worker.on('error', (error) => (thrown = error as Error));
    worker.on('exit', (code) => {
      const error = thrown ?? new Error(`The thread of the gRPC listener ended with code ${code}.`);
      started.reject(error);
      this.onExit(worker, error);
    });
    worker.on('message', (message: ThreadMessage) => {
      if (message.type === 'failed') {
        started.reject(listenError(host, this.port, message));
        void worker.terminate();
      } else if (message.type === 'listening') {
        this.port = message.port;
        this.worker = worker;
        if (this.tls !== settings.tls) this.tellTls();
        started.resolve();
        if (this.closing) void worker.terminate();
      } else {
        this.onMessage(worker, message);
      }
    });
    return started.promise;
  }

  secure(tls: ListenerTls): void {
    this.tls = tls;
    this.tellTls();
  }

  close(graceMs: number): Promise<void> {
    if (this.closing) return this.closing.promise;
    this.closing = new Deferred<void>();
    clearTimeout(this.restartTimer);
    if (!this.worker) this.closing.resolve();
    const worker = this.worker;
    const late = setTimeout(() => void worker?.terminate(), graceMs + CLOSE_MARGIN_MS);
    worker?.postMessage({ type: 'close', graceMs } satisfies MainMessage);
    return this.closing.promise.finally(() => clearTimeout(late));
  }

  private tellTls(): void {
    if (this.tls) this.worker?.postMessage({ type: 'secure', tls: this.tls } satisfies MainMessage);
  }

  private onMessage(worker: Worker, message: ThreadMessage): void {
    switch (message.type) {
      case 'several':
        return message.messages.forEach((each) => this.onMessage(worker, each));
      case 'call':
        return this.onCall(worker, message);
      case 'ended': {
        const call = this.calls.get(message.id);
        this.calls.delete(message.id);
        return call?.onEnded(message.outcome);
      }
      case 'gone':
        return this.calls.get(message.id)?.onGone(message.status);
      case 'unreached':
        return this.calls.get(message.id)?.onUnreached();
      case 'stopped':
        return void this.onStopped(worker, message.question, message.target);
      case 'connection-closed':
        return this.onConnectionClosed(message.connectionId);
      case 'sent':
        return this.calls.get(message.id)?.onSent(message.bytes);
      case 'first-message':
        return this.calls.get(message.id)?.onFirstMessage(message.bytes);
      case 'no-first-message':
        return this.calls.get(message.id)?.onNoFirstMessage(message.reason);
      case 'error':
        return this.report(new Error(message.message));
      case 'closed':
        return void worker.terminate();
      default:
    }
  }

  private onCall(worker: Worker, arrived: CallArrived): void {
    // To the thread that the call came to: another one has other calls under the same ids.
    const post = (order: MainMessage, transfer: readonly ArrayBuffer[] = []) =>
      worker.postMessage(order, transfer);
    const call = new RoutedCall(arrived, post, (error) => this.report(error));
    this.calls.set(arrived.id, call);
    this.connections.add(arrived.connectionId);
    void call.run(this.router);
  }

  private async onStopped(worker: Worker, question: number, target: string): Promise<void> {
    let reason: string | undefined;
    try {
      reason = await this.options.reasonOfStop?.(target);
    } catch (error) {
      this.report(error as Error);
    }
    worker.postMessage({ type: 'stopped-because', question, reason } satisfies MainMessage);
  }

  private onConnectionClosed(connectionId: number): void {
    if (this.connections.delete(connectionId)) this.options.onConnectionClosed?.(connectionId);
  }

  /** A thread that ends takes its connections with it: their calls end here, and a new thread takes the port. */
  private onExit(worker: Worker, error: Error): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    const lost = [...this.calls.values()];
    this.calls.clear();
    for (const call of lost) {
      call.onGone();
      call.onEnded({ status: LISTENER_LOST.code, requestBytes: 0, responseBytes: 0 });
    }
    for (const connectionId of this.connections) this.onConnectionClosed(connectionId);
    if (this.closing) return this.closing.resolve();
    this.report(error);
    this.restartLater();
  }

  private restartLater(): void {
    this.restartTimer = setTimeout(() => {
      this.start().then(
        () => (this.restartMs = FIRST_RESTART_MS),
        (error: unknown) => {
          this.report(error as Error);
          if (!this.closing) this.restartLater();
        },
      );
    }, this.restartMs);
    this.restartMs = Math.min(2 * this.restartMs, MAX_RESTART_MS);
  }

  private report(error: Error): void {
    this.options.onError?.(error);
  }
}

function listenError(
  host: string,
  port: number,
  cause: { code: string | undefined; message: string },
): DomainError {
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: `port ${port} is taken; set GRPC_PORT`,
    EACCES: `port ${port} may not be opened by this user; set GRPC_PORT to one above 1023`,
    EADDRNOTAVAIL: `this machine has no address ${host}; set HOST`,
    ENOTFOUND: `this machine has no address ${host}; set HOST`,
  };
  const message = known[cause.code ?? ''] ?? `port ${port} on ${host} could not be opened: ${cause.message}`;
  return new DomainError('failed_precondition', message, { cause });
}
