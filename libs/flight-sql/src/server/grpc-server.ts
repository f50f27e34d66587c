import { createServer, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { DomainError } from '@pondpilot/kernel';
import { ServerCall } from './call.js';

export interface GrpcServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** Answers a call, to its end. What it rejects with becomes the status. */
  readonly handle: (call: ServerCall) => Promise<void>;
}

const STREAM_WINDOW = 1024 * 1024;
const MAX_STREAMS = 256;
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const MAX_HEADER_BYTES = 128 * 1024;

/**
 * A gRPC server on HTTP/2 without TLS that hands out frames as they are: with grpc-js between, half of the
 * throughput is lost.
 */
export class GrpcServer {
  private readonly sessions = new Set<ServerHttp2Session>();

  private constructor(
    private readonly server: Http2Server,
    readonly port: number,
  ) {}

  static async listen(options: GrpcServerOptions): Promise<GrpcServer> {
    const server = createServer({
      settings: {
        initialWindowSize: STREAM_WINDOW,
        maxFrameSize: STREAM_WINDOW,
        maxConcurrentStreams: MAX_STREAMS,
        maxHeaderListSize: MAX_HEADER_BYTES,
      },
      maxHeaderListPairs: 4096,
    });
    // On the session's socket this throws: http2 owns it by then.
    server.on('connection', (socket) => socket.setNoDelay(true));
    server.on('stream', (stream, headers) => {
      const call = new ServerCall(stream, headers, MAX_MESSAGE_BYTES);
      options.handle(call).catch((error: unknown) => call.fail(error));
    });
    const port = await listen(server, options);
    const grpc = new GrpcServer(server, port);
    server.on('session', (session) => grpc.track(session));
    return grpc;
  }

  /** Stops listening and cuts what is open. */
  close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const session of this.sessions) session.destroy();
    return closed;
  }

  private track(session: ServerHttp2Session): void {
    // Streams that nobody reads must never take the window of the others.
    session.setLocalWindowSize(STREAM_WINDOW * MAX_STREAMS);
    session.on('error', () => undefined);
    this.sessions.add(session);
    session.on('close', () => this.sessions.delete(session));
  }
}

function listen(server: Http2Server, { host, port }: GrpcServerOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new DomainError('unavailable', `Can't listen on ${host}:${port}: ${cause.message}`, { cause })),
    );
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}
