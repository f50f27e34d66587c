import { spawn } from 'node:child_process';
import { root } from './paths.mjs';

/**
 * Runs a program. Resolves with `{ code, output }`, output being standard output and error together, or the empty
 * text where `stdio` is `inherit`; `input` is what it reads. A program that can't be started has the
 * code 127; one that takes longer than `timeoutMs` is ended. Signals that end us end it first and then us, unless there
 * is an AbortSignal `abort` that ends it instead.
 */
export function run(command, args, { stdio, env = process.env, cwd = root, input, timeoutMs, abort } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: stdio ?? 'pipe',
      timeout: timeoutMs,
      signal: abort,
    });
    child.stdin?.on('error', () => {}); // a program that ended without reading says why itself
    child.stdin?.end(input);
    const chunks = [];
    child.stdout?.on('data', (chunk) => chunks.push(chunk));
    child.stderr?.on('data', (chunk) => chunks.push(chunk));
    const letGo = abort ? () => {} : passSignalsTo(child);
    const output = () => Buffer.concat(chunks).toString();
    child.on('error', (error) => resolve({ code: 127, output: error.message }));
    child.on('close', (code, signal) => {
      letGo();
      resolve({ code: code ?? 1, output: signal ? `${output()}\n${signal}` : output() });
    });
  });
}

/** A signal that ends us ends the program first. Returns how to stop that. */
function passSignalsTo(child) {
  const handlers = Object.entries({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }).map(([signal, code]) => {
    const end = () => {
      child.once('close', () => process.exit(code));
      child.kill(signal);
    };
    process.once(signal, end);
    return () => process.off(signal, end);
  });
  return () => handlers.forEach((off) => off());
}
