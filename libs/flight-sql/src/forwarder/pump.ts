import type { Http2Stream } from 'node:http2';
import { MAX_UNSENT } from './settings.js';

/**
 * Carries the bytes of one stream to another. The source pauses only above 1 MiB of unsent bytes at the sink:
 * `pipe()` would pause at 16 KiB, which costs more than half of the speed. What ends or breaks either stream is for
 * the owner to handle.
 */
export class Pump {
  /** Bytes that came from the source and were given to the sink. */
  bytes = 0;
  private stopped = false;

  /** @param taken what was read from the source before: it goes first */
  constructor(
    private readonly source: Http2Stream,
    private readonly sink: Http2Stream,
    taken: Buffer = Buffer.alloc(0),
  ) {
    if (taken.length > 0) this.pass(taken);
    source.on('data', (chunk: Buffer) => this.pass(chunk));
    sink.on('drain', () => source.resume());
    source.resume();
  }

  /**
   * Hands over what a destroyed source still holds: a paused source that breaks has bytes that it will never emit,
   * and they came before the break.
   */
  salvage(): void {
    for (let chunk = this.source.read(); chunk !== null; chunk = this.source.read()) this.pass(chunk);
  }

  /** From now on what the source sends is dropped. */
  stop(): void {
    this.stopped = true;
    this.source.resume();
  }

  private pass(chunk: Buffer): void {
    if (this.stopped || this.sink.closed || this.sink.destroyed || this.sink.writableEnded) return;
    this.bytes += chunk.length;
    this.sink.write(chunk);
    if (this.sink.writableLength > MAX_UNSENT) this.source.pause();
  }
}
