/** The first line of a stream, without its end; what follows is dropped. All there is where the stream ends before. */
export function firstLine(input: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer) => {
      const end = chunk.indexOf('\n');
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end));
      if (end >= 0) done();
    };
    const done = () => {
      input.off('data', take);
      resolve(Buffer.concat(chunks).toString('utf8'));
    };
    input.on('data', take);
    input.once('end', done);
    input.once('error', reject);
  });
}
