import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../e2e/support/ports.js';
import { prepared } from '../../e2e/support/prepared.js';
import { until } from '../../e2e/support/until.js';

/** Silence after which a stream is cut; the usual socket proxies have ten minutes. */
export const SILENCE_MS = 3000;

/** What a docker-socket-proxy allows with CONTAINERS, POST, EVENTS, PING, VERSION and NETWORKS, and IMAGES off. */
const settings = (port: number) => `
defaults
  mode http
  timeout connect 5s
  timeout client ${SILENCE_MS}
  timeout server ${SILENCE_MS}
  timeout tunnel ${SILENCE_MS}
frontend daemon
  bind 127.0.0.1:${port}
  http-request deny unless { path,url_dec -m reg -i ^(/v[\\d.]+)?/(containers|events|_ping|version|networks) }
  default_backend daemon
backend daemon
  server local unix@/var/run/docker.sock
`;

/** HAProxy in front of Docker's socket, which is what a docker-socket-proxy is. */
export class SocketProxy {
  private constructor(
    private readonly child: ChildProcess,
    private readonly folder: string,
    readonly url: string,
  ) {}

  static async start(): Promise<SocketProxy> {
    const folder = mkdtempSync(join(tmpdir(), 'socket-proxy-'));
    const port = await freePort();
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, settings(port));
    const program = join(prepared.servers.haproxy!, 'haproxy');
    const child = spawn(program, ['-db', '-f', file], { stdio: 'ignore' });
    await until('HAProxy listens', () => listens(port));
    return new SocketProxy(child, folder, `tcp://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill('SIGKILL');
    await ended;
    rmSync(this.folder, { recursive: true });
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
    socket.on('close', () => {}).unref();
    setTimeout(() => socket.destroy(), 100);
  });
}
