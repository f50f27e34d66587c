import type { Clock } from '@pondpilot/kernel';

/** SIGKILL, because a thread that is stuck in native code keeps an orderly exit from ever finishing. */
const end = () => process.kill(process.pid, 'SIGKILL');

/** Ends the engine when its standard input ends: whoever started it is gone then, however it ended. */
export function endWithParent(input: NodeJS.ReadableStream): void {
  input.on('end', end);
  input.on('close', end);
  input.on('error', end);
  input.resume();
}

const LOOKS = 10;

/**
 * Ends the engine when no proxy has been heard of for so long. Looks are counted and not the time between them: a
 * machine that slept has not lost its proxy. Returns what is to be called at each sign of one.
 */
export function endWithoutProxy(clock: Clock, silenceMs: number, onEnd: () => void = end): () => void {
  let looks = 0;
  clock.every(Math.ceil(silenceMs / LOOKS), () => {
    looks += 1;
    if (looks >= LOOKS) onEnd();
  });
  return () => {
    looks = 0;
  };
}
