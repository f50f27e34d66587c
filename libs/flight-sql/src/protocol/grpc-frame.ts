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

/** Cuts a byte stream into gRPC messages. */
export class MessageReader {
  private chunks: Buffer[] = [];
  private buffered = 0;

  constructor(private readonly maxMessageBytes: number) {}

  /**
   * Adds bytes and returns the messages that they complete. Throws `resource_exhausted` where a message is larger
   * than allowed and `unimplemented` where it is compressed.
   */
  push(chunk: Buffer): Buffer[] {
    this.chunks.push(chunk);
    this.buffered += chunk.byteLength;
    const messages: Buffer[] = [];
    for (let length = this.nextLength(); length !== undefined; length = this.nextLength()) {
      if (this.buffered < PREFIX_BYTES + length) break;
      messages.push(this.take(PREFIX_BYTES + length).subarray(PREFIX_BYTES));
    }
    return messages;
  }

  /** Whether the stream ended within a message. */
  get incomplete(): boolean {
    return this.buffered > 0;
  }

  private nextLength(): number | undefined {
    if (this.buffered < PREFIX_BYTES) return undefined;
    if ((this.chunks[0]?.byteLength ?? 0) < PREFIX_BYTES) this.chunks = [Buffer.concat(this.chunks)];
    const head = this.chunks[0] as Buffer;
    if (head[0] !== 0)
      throw new DomainError('unimplemented', 'Compressed gRPC messages are not supported: send them plain.');
    const length = head.readUInt32BE(1);
    if (length > this.maxMessageBytes)
      throw new DomainError(
        'resource_exhausted',
        `A message of ${length} bytes is too large: ${this.maxMessageBytes} are allowed.`,
      );
    return length;
  }

  private take(bytes: number): Buffer {
    const head = this.chunks[0] as Buffer;
    const all = head.byteLength >= bytes ? head : Buffer.concat(this.chunks);
    const rest = all.subarray(bytes);
    const others = all === head ? this.chunks.slice(1) : [];
    this.chunks = rest.byteLength > 0 ? [rest, ...others] : others;
    this.buffered -= bytes;
    return all.subarray(0, bytes);
  }
}
