import { systemClock, type Clock } from '@pondpilot/kernel';

/** Who starts an engine tells it at once what to be. A container keeps its input open also where nobody is left to write. */
const WAIT_MS = 60_000;

/**
 * The first line of a stream, without its end; what follows is dropped. All there is where the stream ends before.
 * Rejects where none comes for a minute: whoever was to write it is gone.
 */
export function firstLine(input: NodeJS.ReadableStream, clock: Clock = systemClock): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer) => {
      const end = chunk.indexOf('\n');
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      if (end >= 0) done();
    };
    const stop = () => {
      input.off('data', take);
      cancelLate();
    };
    const done = () => {
      stop();
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    const cancelLate = clock.after(WAIT_MS, () => {
      stop();
      reject(new Error(`No launch settings came on standard input within ${WAIT_MS / 1000} s.`));
    });
    input.on('data', take);
    input.once('end', done);
    input.once('error', reject);
  });
}
