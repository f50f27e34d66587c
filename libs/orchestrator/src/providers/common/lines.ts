import type { Readable } from 'node:stream';

/**
 * Calls back with each line of a text stream, cut to `maxLength` characters, so that a stream without line ends
 * fills no memory. What follows the last line end is told when the stream ends.
 */
export function onLines(
  stream: Readable,
  maxLength: number,
  onLine: (line: string, cut: boolean) => void,
): void {
  let pending = '';
  let cut = false;
  const keep = (text: string) => {
    cut ||= pending.length + text.length > maxLength;
    pending += text.slice(0, maxLength - pending.length);
  };
  const flush = () => {
    const [line, wasCut] = [pending.trimEnd(), cut];
    [pending, cut] = ['', false];
    if (line !== '') onLine(line, wasCut);
  };
  stream.setEncoding('utf8');
  stream.on('data', (chunk: string) => {
    const parts = chunk.split('\n');
    keep(parts[0]!);
    for (const part of parts.slice(1)) {
      flush();
      keep(part);
    }
  });
  stream.on('end', flush);
  stream.on('error', flush);
}
