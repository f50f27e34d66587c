import { quoteIfNeeded } from './text.js';

/** Keys that stand after all others, in this order: operators' patterns start at `level=` and go on with the fields. */
const LAST = ['request_id', 'context', 'time'];
const FIRST: ReadonlySet<string> = new Set(['level', 'msg', ...LAST]);

/** The fields of a record as ` key=value` pairs, without level and message. */
export function fieldsText(record: Readonly<Record<string, unknown>>): string {
  let text = '';
  for (const [key, value] of Object.entries(record)) if (!FIRST.has(key)) text += pair(key, value);
  for (const key of LAST) if (record[key] !== undefined) text += pair(key, record[key]);
  return text;
}

function pair(key: string, value: unknown): string {
  if (key === 'err') return errorPairs(value);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return nested(key, value);
  return ` ${safeKey(key)}=${valueText(value)}`;
}

function nested(key: string, value: object): string {
  let text = '';
  for (const [child, childValue] of Object.entries(value)) text += pair(`${key}.${child}`, childValue);
  return text;
}

/** An error that was logged as such: its message under the name that operators look for, then where it comes from. */
function errorPairs(value: unknown): string {
  const error = (value ?? {}) as { message?: unknown; stack?: unknown };
  return (
    pair('error', error.message ?? value) + (error.stack === undefined ? '' : pair('stack', error.stack))
  );
}

function valueText(value: unknown): string {
  if (typeof value === 'string') return quoteIfNeeded(value);
  return typeof value === 'object' && value !== null ? quoteIfNeeded(JSON.stringify(value)) : String(value);
}

function safeKey(key: string): string {
  return key.replaceAll(/[^A-Za-z0-9_.-]/g, '_') || '_';
}
