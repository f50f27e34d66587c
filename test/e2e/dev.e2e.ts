import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { descendants, runs } from './support/processes.js';
import { freePort } from './support/ports.js';
import { until } from './support/until.js';

describe('npm run dev', () => {
  it.each([
    ['while it compiles', /Starting compilation/],
    ['while it bundles the engine', /Found 0 errors/],
    ['while the proxy runs', /HTTP server listening/],
  ])('ends at Ctrl-C with all that it started, %s', async (_, moment) => {
    const ports = { PORT: String(await freePort()), GRPC_PORT: String(await freePort()) };
    const dev = spawn(process.execPath, [resolve('scripts/dev.mjs')], { env: { ...process.env, ...ports } });
    let output = '';
    for (const stream of [dev.stdout, dev.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    const ended = new Promise((done) => dev.once('close', done));
    try {
      await until(`${moment}`, () => moment.test(output) || dev.exitCode !== null, 50_000);
      const all = descendants(dev.pid!);
      dev.kill('SIGINT');
      expect(await ended).toBe(0);
      expect(all.length).toBeGreaterThan(0);
      expect(all.filter(runs)).toEqual([]);
      expect(output).not.toMatch(/^\s+at |failed/m);
    } finally {
      dev.kill('SIGTERM');
      await ended;
    }
  });
});
