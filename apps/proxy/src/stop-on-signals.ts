import type { ProxyServer } from './proxy-server.js';

/** How long streams in flight may go on after the first signal. */
const GRACE_MS = 10_000;
/** How long stopping engines may take after the second one. */
const AT_ONCE_MS = 3000;

/** Ends the process in good order on the first signal, at once on the second. */
export function stopOnSignals(
  server: ProxyServer,
  exit: (code: number) => void = (code) => process.exit(code),
): void {
  let signals = 0;
  const onSignal = () => {
    signals += 1;
    if (signals === 1) finish(server.drain(GRACE_MS));
    if (signals === 2) {
      setTimeout(() => exit(1), AT_ONCE_MS).unref();
      finish(server.stopNow());
    }
  };
  const finish = (stopped: Promise<void>) => {
    stopped.then(
      () => exit(0),
      (error: unknown) => {
        process.stderr.write(`pondpilot-proxy: the end was not orderly: ${String(error)}\n`);
        exit(1);
      },
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
