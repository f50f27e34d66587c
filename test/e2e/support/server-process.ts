import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from './until.js';

/** User that database servers run under where the tests run as root, which they refuse: nobody. */
const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** A folder that the servers' user may write into. */
export function serverFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'database-'));
  if (user.uid !== undefined) chownSync(folder, user.uid, user.gid);
  return folder;
}

/** Runs a program of a server as its user and resolves with its output; `input` is what it reads. */
export function runAsServer(
  program: string,
  args: readonly string[],
  { env = {}, input }: { env?: Record<string, string>; input?: string } = {},
): Promise<string> {
  return new Promise((done, failed) => {
    const options = { ...user, cwd: tmpdir(), env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(program, args, { ...options, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
      error ? failed(new Error(`${program} failed:\n${stderr}${stdout}`, { cause: error })) : done(stdout),
    );
    child.stdin!.on('error', () => {}).end(input);
  });
}

/** A database server in the foreground, with a folder and a port of its own. It can be stopped and started again. */
export class ServerProcess {
  private child: ChildProcess | undefined;
  private output = '';

  constructor(
    readonly folder: string,
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly answers: () => Promise<unknown>,
  ) {}

  async start(): Promise<void> {
    const child = spawn(this.program, this.args, {
      ...user,
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    process.once('exit', this.kill);
    await until('the database server answers', () => {
      if (child.exitCode !== null) throw new Error(`${this.program} ended:\n${this.output}`);
      return this.answers().then(
        () => true,
        () => false,
      );
    });
  }

  /** All that it has written on its standard output and error. */
  log(): string {
    return this.output;
  }

  /** Ends it with this signal and waits until it has. */
  async stop(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
    const child = this.child;
    process.off('exit', this.kill);
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once('exit', done));
    child.kill(signal);
    await ended;
  }

  /** Forgets its data, too. */
  async remove(signal: 'SIGINT' | 'SIGTERM'): Promise<void> {
    await this.stop(signal);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private readonly kill = () => void this.child?.kill('SIGKILL');
}
