import { encapsulate, type IpcMessage } from '@pondpilot/flight-sql';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import * as flatbuffers from 'flatbuffers';

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

/** Cuts a stream into streams of one batch each, with the schema and the dictionaries that it needs. */
export class IpcBatches {
  private schema: IpcMessage | undefined;
  private readonly dictionaries: IpcMessage[] = [];
  private batches = 0;

  /** The stream of the batch that the message is; undefined where it is none. */
  push(message: IpcMessage): Uint8Array | undefined {
    switch (headerTypeOf(message)) {
      case MessageHeader.Schema:
        this.schema = message;
        return undefined;
      case MessageHeader.DictionaryBatch:
        this.dictionaries.push(message);
        return undefined;
      default:
        this.batches++;
        return this.joined(message);
    }
  }

  /** The schema as a stream, where no batch has come. */
  schemaAlone(): Uint8Array | undefined {
    return this.batches === 0 && this.schema ? this.joined() : undefined;
  }

  private joined(...batch: IpcMessage[]): Uint8Array {
    return joinIpcStream([...(this.schema ? [this.schema] : []), ...this.dictionaries, ...batch]);
  }
}

function headerTypeOf({ header }: IpcMessage): MessageHeader {
  return Message.getRootAsMessage(new flatbuffers.ByteBuffer(header)).headerType();
}
