import { spawn } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from './fail.mjs';
import { runtimeNode } from './node.mjs';
import { proxyMain, root } from './paths.mjs';

const preload = new URL('./end-with-parent.mjs', import.meta.url).href;

/** npm passes on the signal that the terminal sends to us as well: two that come at once are one. */
const impatientAfterMs = 500;

/**
 * Starts the proxy, its output going to ours. It leads a process group of its own, so that the terminal's Ctrl-C
 * reaches it through us alone. `stop` asks it to stop, and kills it where it is called again later.
 */
export function startProxy(env) {
  const child = spawn(runtimeNode(), ['--import', preload, proxyMain], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  let askedAt;
  const stop = () => {
    askedAt ??= Date.now();
    child.kill(Date.now() - askedAt > impatientAfterMs ? 'SIGKILL' : 'SIGTERM');
  };
  /** The exit code, once it ended. */
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) =>
      resolve(code ?? (signal === 'SIGTERM' && askedAt !== undefined ? 0 : 1)),
    );
  });
  return { ended, stop };
}

/** Calls back instead of ending at a signal that would end us. */
export function onEndSignals(stop) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
}

/**
 * Resolves once the proxy answers that it is ready: with its URL, which is `https://…` where it speaks TLS. Undefined
 * where it ended before.
 */
export async function untilReady(url, ended, timeoutMs = 60_000) {
  const gone = ended.then(() => 'gone');
  const deadline = Date.now() + timeoutMs;
  let reason = 'it does not answer';
  while (Date.now() < deadline) {
    if ((await Promise.race([gone, sleep(100)])) === 'gone') return undefined;
    for (const each of [url, url.replace(/^http:/, 'https:')]) {
      const answer = await ask(`${each}/ready`).catch(() => undefined);
      if (answer?.ready) return each;
      reason = answer?.reason ?? reason;
    }
  }
  throw new Failure(`The proxy is not ready after ${timeoutMs / 1000} s: ${reason}`);
}

/** What stands in the answer. A certificate is not verified: this goes to our own child and tells it nothing. */
function ask(url) {
  const { request } = url.startsWith('https:') ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(url, { agent: false, rejectUnauthorized: false, timeout: 5000 }, (answer) =>
      json(answer).then(resolve, reject),
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', reject).end();
  });
}
