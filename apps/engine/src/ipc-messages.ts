import { encapsulate } from '@pondpilot/flight-sql';
import { Message } from 'apache-arrow/fb/message';
import * as flatbuffers from 'flatbuffers';

/** One message of an IPC stream: a flatbuffer `Message` and its body. */
export interface IpcMessage {
  readonly header: Uint8Array;
  readonly body: Uint8Array;
}

/** Cuts an IPC stream into its messages: continuation, int32 length, header, body; a length of 0 ends it. */
export function splitIpcStream(stream: Uint8Array): IpcMessage[] {
  const view = new DataView(stream.buffer, stream.byteOffset, stream.byteLength);
  const messages: IpcMessage[] = [];
  for (let at = 0; at + 8 <= stream.byteLength;) {
    const length = view.getInt32(at + 4, true);
    if (length === 0) break;
    const header = stream.subarray(at + 8, at + 8 + length);
    const bodyBytes = Number(Message.getRootAsMessage(new flatbuffers.ByteBuffer(header)).bodyLength());
    const bodyStart = at + 8 + length;
    messages.push({ header, body: stream.subarray(bodyStart, bodyStart + bodyBytes) });
    at = bodyStart + bodyBytes;
  }
  return messages;
}

/** The opposite of `splitIpcStream`. */
export function joinIpcStream(messages: readonly IpcMessage[]): Uint8Array {
  return Buffer.concat(messages.flatMap(({ header, body }) => [encapsulate(header), body]));
}
