import { DomainError } from '@pondpilot/kernel';

/** Bytes in front of each gRPC message: a compression flag and a big-endian length. */
export const PREFIX_BYTES = 5;

/** A message with its prefix. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + message.byteLength);
  writePrefix(frame, 0, message.byteLength);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

export function writePrefix(target: Buffer, at: number, messageBytes: number): void {
  target[at] = 0;
  target.writeUInt32BE(messageBytes, at + 1);
}

const EMPTY = Buffer.alloc(0);
/** Memory that a message of unknown honesty gets at first. */
const FIRST_BYTES = 4 * 1024 * 1024;

/** Cuts a byte stream into gRPC messages. */
export class MessageReader {
  private readonly prefix = Buffer.alloc(PREFIX_BYTES);
  private prefixBytes = 0;
  /** Bytes of the message that is being read, how many of them have come, and where they are. */
  private length: number | undefined;
  private received = 0;
  private message: Buffer = EMPTY;
  /** Memory that is free for a message. */
  private spare: Buffer = EMPTY;

  constructor(private readonly maxMessageBytes: number) {}

  /**
   * Adds bytes and returns the messages that they complete. Throws `resource_exhausted` where a message is larger
   * than allowed and `unimplemented` where it is compressed.
   */
  push(chunk: Buffer): Buffer[] {
    const messages: Buffer[] = [];
    for (let at = 0; at < chunk.byteLength;) {
      at = this.length === undefined ? this.readPrefix(chunk, at) : this.readMessage(chunk, at, this.length);
      if (this.received === this.length) messages.push(this.takeMessage());
    }
    return messages;
  }

  /** Whether the stream ended within a message. */
  get incomplete(): boolean {
    return this.prefixBytes > 0;
  }

  /** Whoever got this message needs it no longer: the next one may lie in its memory. */
  reuse(message: Buffer): void {
    const memory = Buffer.from(message.buffer);
    if (memory.byteLength > this.spare.byteLength) this.spare = memory;
  }

  private readPrefix(chunk: Buffer, at: number): number {
    const end = Math.min(at + PREFIX_BYTES - this.prefixBytes, chunk.byteLength);
    chunk.copy(this.prefix, this.prefixBytes, at, end);
    this.prefixBytes += end - at;
    if (this.prefixBytes === PREFIX_BYTES) this.length = this.lengthIn(this.prefix);
    return end;
  }

  private readMessage(chunk: Buffer, at: number, length: number): number {
    if (this.received === this.message.byteLength) this.grow(length);
    const room = Math.min(length, this.message.byteLength) - this.received;
    const end = Math.min(at + room, chunk.byteLength);
    this.received += chunk.copy(this.message, this.received, at, end);
    return end;
  }

  /** A length may be claimed without a byte behind it: there is memory for what has come, and as much again. */
  private grow(length: number): void {
    const bytes = Math.min(length, Math.max(FIRST_BYTES, 2 * this.received));
    const larger = this.spare.byteLength >= bytes ? this.spare : Buffer.allocUnsafeSlow(bytes);
    if (larger === this.spare) this.spare = EMPTY;
    this.message.copy(larger, 0, 0, this.received);
    this.message = larger;
  }

  private takeMessage(): Buffer {
    const message = this.message.subarray(0, this.received);
    this.message = EMPTY;
    this.length = undefined;
    this.received = 0;
    this.prefixBytes = 0;
    return message;
  }

  private lengthIn(prefix: Buffer): number {
    if (prefix[0] !== 0)
      throw new DomainError('unimplemented', 'Compressed gRPC messages are not supported: send them plain.');
    const length = prefix.readUInt32BE(1);
    if (length > this.maxMessageBytes)
      throw new DomainError(
        'resource_exhausted',
        `A message of ${length} bytes is too large: ${this.maxMessageBytes} are allowed.`,
      );
    return length;
  }
}
