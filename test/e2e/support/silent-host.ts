import { createServer, type AddressInfo, type Socket } from 'node:net';

/** A host that accepts connections and never says a word. */
export class SilentHost {
  private readonly sockets: Socket[] = [];
  private readonly server = createServer((socket) => this.sockets.push(socket.on('error', () => {})));

  static async start(): Promise<SilentHost> {
    const host = new SilentHost();
    await new Promise<void>((done) => host.server.listen(0, '127.0.0.1', done));
    return host;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  stop(): void {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }
}
