import { afterEach, describe, expect, it } from '@jest/globals';
import { spawn, execFileSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { prepared } from './support/prepared.js';
import { descendants, runs } from './support/processes.js';
import { freePort } from './support/product.js';
import { describeWithPython } from './support/python.js';
import { until } from './support/until.js';

const script = resolve('scripts/start.mjs');

/** `npm start` while it runs. */
class Start {
  output = '';
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;

  constructor(env: Record<string, string>) {
    const inherited = { PATH: process.env['PATH'], HOME: process.env['HOME'] };
    this.child = spawn(process.execPath, [script], { env: { ...inherited, ...env } });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = new Promise((done) => this.child.once('close', done));
  }

  async ready(): Promise<void> {
    const ended = () => this.child.exitCode !== null;
    await until('ready', () => this.output.includes('Ctrl-C stops it') || ended(), 50_000);
    if (ended()) throw new Error(this.output);
  }

  /** What is printed to be pasted below this heading. */
  block(heading: string): string {
    const [, ...text] = this.output.slice(this.output.indexOf(heading)).split('\n');
    return text
      .slice(
        0,
        text.findIndex((line) => line.startsWith('── ')),
      )
      .join('\n')
      .trim();
  }
}

let start: Start | undefined;
const freePorts = async () => ({ PORT: String(await freePort()), GRPC_PORT: String(await freePort()) });

afterEach(async () => {
  start?.child.kill('SIGTERM');
  await start?.ended;
  start = undefined;
});

describe('npm start', () => {
  it('starts, tells how to connect, and ends with all that it started', async () => {
    start = new Start(await freePorts());
    await start.ready();
    const all = descendants(start.child.pid!);
    expect(all.length).toBeGreaterThan(0);
    expect(statSync('.pondpilot/jwt-secret').mode & 0o777).toBe(0o600);
    start.child.kill('SIGINT');
    expect(await start.ended).toBe(0);
    expect(all.filter(runs)).toEqual([]);
  });

  it('takes the proxy with it when it is killed', async () => {
    start = new Start(await freePorts());
    await start.ready();
    const all = descendants(start.child.pid!);
    start.child.kill('SIGKILL');
    await until('the proxy is gone', () => !all.some(runs), 10_000);
  });

  it.each(['PORT', 'GRPC_PORT'])(
    'says in one line that the port of %s is taken, and what to do',
    async (variable) => {
      const ports = await freePorts();
      const taken = createServer();
      await new Promise<void>((done) =>
        taken.listen(Number(ports[variable as keyof typeof ports]), '127.0.0.1', done),
      );
      try {
        start = new Start(ports);
        expect(await start.ended).toBe(1);
        expect(start.output).toMatch(new RegExp(`^Port \\d+ is taken\\. .*${variable}=\\d+ npm start\\n$`));
      } finally {
        taken.close();
      }
    },
  );

  it.each([
    [{ PORT: 'eighty' }, /^PORT must be a number from 1 to 65535, not "eighty"\.\n$/],
    [{ JWT_SECRET: 'short' }, /JWT_SECRET.*32 characters/],
    [{ CONTAINER_MEMORY_LIMIT: 'much' }, /containers\.memory_limit/],
  ])('says what is wrong with %j', async (env, message) => {
    start = new Start({ ...(await freePorts()), ...env });
    expect(await start.ended).not.toBe(0);
    expect(start.output).toMatch(message);
    expect(start.output).not.toMatch(/^\s+at /m);
  });
});

describeWithPython('What npm start prints', () => {
  it.each([
    ['Python, pyarrow', /'favourite': 'Iced latte'/],
    ['Python, ADBC', /silver/],
  ])('can be pasted: %s', async (heading, result) => {
    start = new Start(await freePorts());
    await start.ready();
    const folder = mkdtempSync(join(tmpdir(), 'paste-'));
    try {
      const options = { input: start.block(heading), cwd: folder, encoding: 'utf8' } as const;
      expect(execFileSync(prepared.python!, ['-'], options)).toMatch(result);
    } finally {
      rmSync(folder, { recursive: true });
    }
    expect(start.output).not.toContain(readFileSync('.pondpilot/jwt-secret', 'utf8').trim());
  });
});
