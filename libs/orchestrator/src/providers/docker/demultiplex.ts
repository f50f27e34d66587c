import type { Readable, Writable } from 'node:stream';

/** Which stream it is, three bytes of nothing, and the length of what follows. */
const HEADER_BYTES = 8;
const LENGTH_AT = 4;
const STDOUT = 1;

/**
 * Parts what a container writes (docs.docker.com, "Stream format" of attach). dockerode's own calls itself for each frame:
 * an engine that writes byte by byte would exhaust the proxy's stack.
 */
export function demultiplex(stream: Readable, stdout: Writable, stderr: Writable): void {
  let header: Buffer = Buffer.alloc(0);
  let target = stdout;
  let left = 0;
  stream.on('data', (chunk: Buffer) => {
    let rest = chunk;
    while (rest.length > 0) {
      const length = left > 0 ? left : HEADER_BYTES - header.length;
      const part = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (left > 0) {
        target.write(part);
        left -= part.length;
        continue;
      }
      header = Buffer.concat([header, part]);
      if (header.length < HEADER_BYTES) return;
      target = header[0] === STDOUT ? stdout : stderr;
      left = header.readUInt32BE(LENGTH_AT);
      header = Buffer.alloc(0);
    }
  });
}
