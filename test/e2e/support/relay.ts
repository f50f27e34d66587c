import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A stretch of wire between a client and a port, which can be cut. */
export class Relay {
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: ReturnType<typeof createServer>,
    readonly port: number,
  ) {}

  static async to(port: number): Promise<Relay> {
    const server = createServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      client.pipe(upstream).pipe(client);
      for (const socket of [client, upstream]) relay.sockets.add(socket.on('error', () => {}));
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const relay: Relay = new Relay(server, (server.address() as AddressInfo).port);
    return relay;
  }

  /** Both ends lose their connections, without a word. */
  cut(): void {
    this.server.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
  }
}
