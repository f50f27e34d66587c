import { HOW_TO_SEND, refused } from './refusals.js';

/** Longer tokens are refused unread. */
export const MAX_TOKEN_LENGTH = 8192;
/** A user name of 1 KiB beside the longest token, in base64. */
const MAX_BASIC_LENGTH = Math.ceil(((MAX_TOKEN_LENGTH + 1024) * 4) / 3);

type HeaderValue = string | readonly string[] | undefined;

/** Whatever has headers: an HTTP request, a gRPC call. */
export interface Credentials {
  readonly headers: Readonly<Record<string, HeaderValue>>;
  /** Every header line by itself, where Node would keep only the first of several. */
  readonly headersDistinct?: Readonly<Record<string, HeaderValue>>;
}

/** Binary metadata that Flight clients send which log in by a handler of their own (C++ and pyarrow `authenticate`). */
const LEGACY_HEADER = 'auth-token-bin';

/** The token that a request carries. Throws `unauthenticated`, and says what to send, where it carries none. */
export function tokenOf({ headers, headersDistinct }: Credentials): string {
  const authorization = headersDistinct?.['authorization'] ?? headers['authorization'];
  const legacy = headers[LEGACY_HEADER];
  return authorization === undefined && typeof legacy === 'string'
    ? legacyToken(legacy)
    : tokenFrom(authorization);
}

function legacyToken(value: string): string {
  if (value.length > MAX_BASIC_LENGTH) throw tooLong();
  return bounded(Buffer.from(value, 'base64').toString('utf8'));
}

function tokenFrom(header: HeaderValue): string {
  const values = new Set(typeof header === 'string' ? [header] : header);
  const [value] = values;
  if (value === undefined) throw refused(`There is no token. ${HOW_TO_SEND}`);
  if (values.size > 1) throw refused(`There are several authorization headers that differ. ${HOW_TO_SEND}`);
  if (value.length > MAX_BASIC_LENGTH + 'Basic '.length) throw tooLong();
  const [, scheme = '', credentials = ''] = /^\s*(\S+)\s+(\S+)\s*$/.exec(value) ?? [];
  if (scheme.toLowerCase() === 'bearer') return bounded(credentials);
  if (scheme.toLowerCase() === 'basic') return passwordOf(credentials);
  throw refused(`The authorization header can't be read. ${HOW_TO_SEND}`);
}

/**
 * The password of `base64(user:password)`, with or without padding, in either alphabet. The user's name may hold
 * colons, a JWT never does.
 */
function passwordOf(credentials: string): string {
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const password = text.slice(text.lastIndexOf(':') + 1);
  if (!text.includes(':') || password === '') {
    throw refused(`The Basic credentials hold no password. ${HOW_TO_SEND}`);
  }
  return bounded(password);
}

function bounded(token: string): string {
  if (token.length > MAX_TOKEN_LENGTH) throw tooLong();
  return token;
}

function tooLong(): Error {
  return refused(`The token is longer than ${MAX_TOKEN_LENGTH} characters.`);
}
