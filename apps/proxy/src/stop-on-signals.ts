import { messageOf } from '@pondpilot/kernel';
import type { ProxyServer } from './proxy-server.js';

/** How long stopping engines may take after the second one. */
const AT_ONCE_MS = 3000;

/** The process, as far as its end goes. */
export interface Ending {
  exit(code: number): void;
  /** Tells what went wrong, in one line. */
  report(line: string): void;
}

const thisProcess: Ending = {
  exit: (code) => process.exit(code),
  report: (line) => process.stderr.write(`pondpilot-proxy: ${line}\n`),
};

/**
 * Ends the process in good order on the first signal, when streams in flight may go on for `graceMs`; at once on the
 * second.
 */
export function stopOnSignals(
  server: ProxyServer,
  graceMs: number,
  { exit, report }: Ending = thisProcess,
): void {
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    if (signals === 1) finish(server.drain(graceMs));
    if (signals === 2) {
      setTimeout(() => exit(1), AT_ONCE_MS).unref();
      finish(server.stopNow());
    }
  };
  const finish = (stopped: Promise<void>) => {
    stopped.then(
      () => exit(0),
      (error: unknown) => {
        report(`the end was not orderly: ${messageOf(error)}`);
        exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
