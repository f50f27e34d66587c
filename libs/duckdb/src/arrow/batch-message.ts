import * as flatbuffers from 'flatbuffers';
import { BodyCompression } from 'apache-arrow/fb/body-compression';
import { BodyCompressionMethod } from 'apache-arrow/fb/body-compression-method';
import { Buffer as FbBuffer } from 'apache-arrow/fb/buffer';
import { CompressionType } from 'apache-arrow/fb/compression-type';
import { DictionaryBatch } from 'apache-arrow/fb/dictionary-batch';
import { FieldNode } from 'apache-arrow/fb/field-node';
import { Message } from 'apache-arrow/fb/message';
import { MessageHeader } from 'apache-arrow/fb/message-header';
import { MetadataVersion } from 'apache-arrow/fb/metadata-version';
import { RecordBatch } from 'apache-arrow/fb/record-batch';
import type { BatchLayout } from './batch-layout.js';
import type { Compression } from './compress-body.js';

/**
 * The flatbuffer `Message` of a record batch, or of a dictionary batch where an id is given. The bytes are valid
 * until the next call with the same builder.
 */
export function encodeBatchMessage(
  builder: flatbuffers.Builder,
  layout: BatchLayout,
  dictionaryId: number | undefined,
  compression: Compression,
): Uint8Array {
  builder.clear();
  const batch = encodeRecordBatch(builder, layout, compression);
  const header = dictionaryId === undefined ? batch : encodeDictionaryBatch(builder, batch, dictionaryId);
  Message.startMessage(builder);
  Message.addVersion(builder, MetadataVersion.V5);
  Message.addHeaderType(
    builder,
    dictionaryId === undefined ? MessageHeader.RecordBatch : MessageHeader.DictionaryBatch,
  );
  Message.addHeader(builder, header);
  Message.addBodyLength(builder, BigInt(layout.bodyBytes));
  builder.finish(Message.endMessage(builder));
  return builder.asUint8Array();
}

function encodeRecordBatch(
  builder: flatbuffers.Builder,
  layout: BatchLayout,
  compression: Compression,
): flatbuffers.Offset {
  const { nodes, buffers } = layout;
  // Structs are written from the end: flatbuffers grow downwards.
  RecordBatch.startNodesVector(builder, nodes.length / 2);
  for (let i = nodes.length - 2; i >= 0; i -= 2)
    FieldNode.createFieldNode(builder, BigInt(nodes[i] ?? 0), BigInt(nodes[i + 1] ?? 0));
  const nodesVector = builder.endVector();
  RecordBatch.startBuffersVector(builder, buffers.length / 2);
  for (let i = buffers.length - 2; i >= 0; i -= 2)
    FbBuffer.createBuffer(builder, BigInt(buffers[i] ?? 0), BigInt(buffers[i + 1] ?? 0));
  const buffersVector = builder.endVector();
  const zstd =
    compression === 'zstd'
      ? BodyCompression.createBodyCompression(builder, CompressionType.ZSTD, BodyCompressionMethod.BUFFER)
      : undefined;
  RecordBatch.startRecordBatch(builder);
  RecordBatch.addLength(builder, BigInt(layout.rows));
  RecordBatch.addNodes(builder, nodesVector);
  RecordBatch.addBuffers(builder, buffersVector);
  if (zstd !== undefined) RecordBatch.addCompression(builder, zstd);
  return RecordBatch.endRecordBatch(builder);
}

function encodeDictionaryBatch(
  builder: flatbuffers.Builder,
  batch: flatbuffers.Offset,
  id: number,
): flatbuffers.Offset {
  DictionaryBatch.startDictionaryBatch(builder);
  DictionaryBatch.addId(builder, BigInt(id));
  DictionaryBatch.addData(builder, batch);
  DictionaryBatch.addIsDelta(builder, false);
  return DictionaryBatch.endDictionaryBatch(builder);
}
