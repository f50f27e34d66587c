import type { LogFormat } from '@pondpilot/config';
import { fieldsText } from './fields.js';
import { escapeUnsafe, quoteIfNeeded } from './text.js';

type LogRecord = Readonly<Record<string, unknown>>;

/** `level=info msg="Container spawned" user_id=abc123 container_id=def456 time=…` */
export function formatLogfmt(record: LogRecord): string {
  const level = String(record['level']);
  return `level=${level} msg=${quoteIfNeeded(messageText(record))}${fieldsText(record)}`;
}

/** `12:00:00.000 INFO  Container spawned user_id=abc123 container_id=def456`, for people at a terminal. */
export function formatPretty({ time, ...record }: LogRecord): string {
  const clock = String(time ?? '').slice(11, 23);
  const level = String(record['level']).toUpperCase().padEnd(5);
  return `${clock} ${level} ${escapeUnsafe(messageText(record))}${fieldsText(record)}`;
}

function messageText(record: LogRecord): string {
  return String(record['msg'] ?? '');
}

const FORMATTERS: Readonly<Record<Exclude<LogFormat, 'json'>, (record: LogRecord) => string>> = {
  logfmt: formatLogfmt,
  pretty: formatPretty,
};

/**
 * Where pino writes to: turns its lines of JSON into the wanted format, in this thread, and hands each on whole.
 */
export function logStream(format: LogFormat, write: (line: string) => void): { write(line: string): void } {
  if (format === 'json') return { write };
  const formatter = FORMATTERS[format];
  return { write: (line) => write(`${formatter(JSON.parse(line) as LogRecord)}\n`) };
}
