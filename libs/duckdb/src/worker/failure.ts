import type { ErrorKind } from '@pondpilot/kernel';

/** An error that crosses from a worker thread: errors themselves lose their class on the way. */
export interface Failure {
  readonly kind: ErrorKind;
  readonly message: string;
  /** DuckDB can no longer be trusted after it: the engine must be recycled. */
  readonly fatal: boolean;
}

/** Thrown in worker threads. */
export class StatementFailed extends Error {
  constructor(readonly failure: Failure) {
    super(failure.message);
  }
}

/** First words of DuckDB's messages, and what they mean to a client. Unlisted: the statement is at fault. */
const KINDS: readonly (readonly [string, ErrorKind])[] = [
  ['INTERRUPT Error', 'cancelled'],
  ['Interrupted', 'cancelled'],
  ['Out of Memory Error', 'resource_exhausted'],
  ['Permission Error', 'permission_denied'],
  ['Not implemented Error', 'unimplemented'],
  ['IO Error', 'unavailable'],
  ['HTTP Error', 'unavailable'],
  ['Connection Error', 'unavailable'],
  ['INTERNAL Error', 'internal'],
  ['FATAL Error', 'internal'],
];

/** What DuckDB's own message says, as an error for the client. */
export function failureOf(message: string | null): Failure {
  const text = withoutTrace(plainText(message ?? 'DuckDB gave no reason.'));
  const kind = KINDS.find(([start]) => text.startsWith(start))?.[1] ?? 'invalid_argument';
  return { kind, message: text, fatal: text.startsWith('FATAL Error') || text.startsWith('INTERNAL Error') };
}

/** Errors that come as `duckdb_error_data` are JSON; the others are what DuckDB's shell shows. */
function plainText(message: string): string {
  if (!message.startsWith('{"exception_type"')) return message;
  try {
    const { exception_type: type, exception_message: text } = JSON.parse(message) as Record<string, string>;
    return `${type} Error: ${text}`;
  } catch {
    return message;
  }
}

/** Internal errors come with addresses and paths, which are nobody's business. */
function withoutTrace(message: string): string {
  const trace = message.indexOf('\n\nStack Trace:');
  return trace < 0 ? message : message.slice(0, trace);
}
