import { afterEach, expect, it } from '@jest/globals';
import { deferred } from './proxy.harness.js';
import type { ProxyServer } from './proxy-server.js';
import { stopOnSignals } from './stop-on-signals.js';

const reports: string[] = [];

afterEach(() => {
  reports.length = 0;
  process.removeAllListeners('SIGTERM');
  process.removeAllListeners('SIGINT');
});

/** A server whose ends are told and end when the test wants it. */
function watchedServer() {
  const calls: string[] = [];
  const drained = deferred();
  const stopped = deferred();
  const server = {
    drain: (graceMs: number) => {
      calls.push(`drain ${graceMs}`);
      return drained.promise;
    },
    stopNow: () => {
      calls.push('stop now');
      return stopped.promise;
    },
  };
  return { server: server as unknown as ProxyServer, calls, drained, stopped };
}

it.each(['SIGTERM', 'SIGINT'] as const)('drains on %s and exits with 0', async (signal) => {
  const { server, calls, drained } = watchedServer();
  const exited = new Promise<number>((resolve) =>
    stopOnSignals(server, 7000, { exit: resolve, report: (line) => reports.push(line) }),
  );
  process.emit(signal);
  expect(calls).toEqual(['drain 7000']);
  drained.resolve();
  expect(await exited).toBe(0);
});

it('stops at once on the second signal', async () => {
  const { server, calls, stopped } = watchedServer();
  const exited = new Promise<number>((resolve) =>
    stopOnSignals(server, 7000, { exit: resolve, report: (line) => reports.push(line) }),
  );
  process.emit('SIGINT');
  process.emit('SIGTERM');
  process.emit('SIGINT');
  expect(calls).toEqual(['drain 7000', 'stop now']);
  stopped.resolve();
  expect(await exited).toBe(0);
});

it('exits with 1 where the end fails', async () => {
  const { server, drained } = watchedServer();
  const exited = new Promise<number>((resolve) =>
    stopOnSignals(server, 7000, { exit: resolve, report: (line) => reports.push(line) }),
  );
  process.emit('SIGTERM');
  drained.reject(new Error('an engine would not end'));
  expect(await exited).toBe(1);
  expect(reports).toEqual(['the end was not orderly: an engine would not end']);
});
