import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { FlightDataSchema } from '../gen/arrow/flight/protocol/Flight_pb.js';
import { encapsulate, frameFlightData, frameFlightDataHeader } from './flight-data-frame.js';
import { MessageReader } from './grpc-frame.js';

function decode(frame: Buffer) {
  const messages = new MessageReader(1 << 26).push(frame);
  expect(messages).toHaveLength(1);
  return fromBinary(FlightDataSchema, messages[0] as Buffer);
}

describe('FlightData frames', () => {
  it.each([
    [8, 0],
    [100, 1],
    [127, 64],
    [128, 127],
    [300, 128],
    [20_000, 16_384],
    [1000, 3_000_000],
  ])('carry a header of %i and a body of %i bytes', (headerBytes, bodyBytes) => {
    const header = Buffer.alloc(headerBytes, 0xab);
    const body = Buffer.alloc(bodyBytes, 0xcd);
    const data = decode(frameFlightData(header, body));
    expect(Buffer.from(data.dataHeader).equals(header)).toBe(true);
    expect(Buffer.from(data.dataBody).equals(body)).toBe(true);
  });

  it('carry a header alone', () => {
    const header = Buffer.alloc(500, 1);
    expect(Buffer.from(decode(frameFlightDataHeader(header)).dataHeader).equals(header)).toBe(true);
  });
});

describe('encapsulate', () => {
  it('pads to eight bytes behind continuation and length', () => {
    const message = Buffer.from(encapsulate(Buffer.from([1, 2, 3])));
    expect([...message]).toEqual([255, 255, 255, 255, 8, 0, 0, 0, 1, 2, 3, 0, 0, 0, 0, 0]);
  });
});
