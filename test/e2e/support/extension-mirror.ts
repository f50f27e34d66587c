import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** What is served instead of a file; undefined is answered 404. */
type Change = (content: Buffer) => Buffer | undefined;

/**
 * A repository of DuckDB extensions over plain HTTP, whatever stands in front of version and platform:
 * …/v1.5.5/linux_amd64/NAME.duckdb_extension.gz. It answers as the proxy of a client (HTTP_PROXY), too.
 */
export class ExtensionMirror {
  /** What was asked for: paths, or whole addresses by clients that take this for their proxy. */
  readonly asked: string[] = [];
  private answer: Change = (content) => content;

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  /** Serves what lies in this `extension_directory`. */
  static async start(directory: string): Promise<ExtensionMirror> {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const mirror = new ExtensionMirror(server, `http://127.0.0.1:${port}`);
    server.on('request', ({ url = '' }, response) => {
      mirror.asked.push(url);
      const [file = 'no file'] = /v[^/]+\/[^/]+\/[^/]+(?=\.gz$)/.exec(url) ?? [];
      const content = mirror.contentAt(join(directory, file));
      if (content) response.end(gzipSync(content, { level: 1 }));
      else response.writeHead(404).end();
    });
    return mirror;
  }

  /** From now on files are served like this. */
  change(answer: Change): void {
    this.answer = answer;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private contentAt(file: string): Buffer | undefined {
    return existsSync(file) ? this.answer(readFileSync(file)) : undefined;
  }
}
