import type { ServerHttp2Stream } from 'node:http2';

/** A message that is read here is a handshake or a command, never data. */
export const MAX_FIRST_MESSAGE = 64 * 1024;

/** Bytes before each message: is it compressed, and its length, big-endian. */
const PREFIX_BYTES = 5;

/** @returns the message with gRPC's prefix before it */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed.writeUInt8(0, 0);
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Reads the first message of a call, and nothing after it. */
export class FirstMessage {
  /** All that was taken from the stream, for the engine where the call is forwarded after all. */
  taken = Buffer.alloc(0);
  private reading: Promise<Uint8Array> | undefined;

  constructor(private readonly stream: ServerHttp2Stream) {}

  /** @throws Error with a text for the client: no message, too large, compressed */
  read(): Promise<Uint8Array> {
    this.reading ??= this.collect();
    return this.reading;
  }

  private async collect(): Promise<Uint8Array> {
    for (;;) {
      const message = messageIn(this.taken);
      if (message) return message;
      this.taken = Buffer.concat([this.taken, await nextChunk(this.stream)]);
    }
  }
}

function messageIn(read: Buffer): Uint8Array | undefined {
  if (read.length < PREFIX_BYTES) return undefined;
  if (read.readUInt8(0) !== 0)
    throw new Error('Compressed messages are not understood here: send it uncompressed.');
  const length = read.readUInt32BE(1);
  if (length > MAX_FIRST_MESSAGE) {
    throw new Error(`The message has ${length} bytes; at most ${MAX_FIRST_MESSAGE} are taken here.`);
  }
  return read.length < PREFIX_BYTES + length
    ? undefined
    : Uint8Array.from(read.subarray(PREFIX_BYTES, PREFIX_BYTES + length));
}

function nextChunk(stream: ServerHttp2Stream): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const done = (result: Buffer | null) => {
      stream.off('readable', onReadable).off('end', onEnd).off('close', onEnd);
      if (result) resolve(result);
      else reject(new Error('The call ended before its first message.'));
    };
    const onEnd = () => done(null);
    const onReadable = () => {
      const chunk = stream.read() as Buffer | null;
      if (chunk !== null) done(chunk);
      else if (stream.readableEnded || stream.destroyed) done(null);
    };
    stream.on('readable', onReadable).on('end', onEnd).on('close', onEnd);
    onReadable();
  });
}
