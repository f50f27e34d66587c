import { spawn } from 'node:child_process';
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

/** Resolves with true once the proxy answers that it is ready, false where it ended before. */
export async function untilReady(url, ended, timeoutMs = 60_000) {
  const gone = ended.then(() => 'gone');
  const deadline = Date.now() + timeoutMs;
  let reason = 'it does not answer';
  while (Date.now() < deadline) {
    if ((await Promise.race([gone, sleep(100)])) === 'gone') return false;
    const answer = await fetch(`${url}/ready`).catch(() => undefined);
    if (answer?.ok) return true;
    if (answer) reason = (await answer.json().catch(() => ({}))).reason ?? reason;
  }
  throw new Failure(`The proxy is not ready after ${timeoutMs / 1000} s: ${reason}`);
}
