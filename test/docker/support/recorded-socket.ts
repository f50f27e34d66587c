import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A socket in front of Docker's that keeps the first line of each request, as a socket proxy would log it. */
export class RecordedSocket {
  readonly requests: string[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  private constructor(
    readonly path: string,
    docker: string,
  ) {
    this.server = createServer((client) => {
      const upstream = connect(docker);
      client.on('data', (bytes: Buffer) => this.keep(bytes.toString('latin1')));
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) this.sockets.add(socket.on('error', () => {}));
    });
  }

  static async listen(path: string, docker = '/var/run/docker.sock'): Promise<RecordedSocket> {
    const recorded = new RecordedSocket(path, docker);
    await new Promise<void>((done) => recorded.server.listen(path, done));
    return recorded;
  }

  /** Ends the connections that are open; new ones are taken. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  close(): void {
    this.server.close();
    this.cut();
    rmSync(this.path, { force: true });
  }

  private keep(text: string): void {
    const line = /^(?:GET|POST|DELETE|PUT|HEAD) \S+ HTTP\/1\.1/.exec(text)?.[0];
    if (line !== undefined) this.requests.push(line);
  }
}
