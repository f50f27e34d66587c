import type { OutgoingHttpHeaders } from 'node:http2';
import type { ForwardOrder } from './link.js';
import type { CallHeaders } from './types.js';

/** Names that mean one hop only (RFC 9113, 8.2.2), or that each hop sets itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
  'host',
  'te',
]);

/**
 * Headers as they stood on the wire: Node's own object joins values that came several times.
 * @param raw names and values in turn
 */
export function fromRaw(raw: readonly string[]): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i]!;
    const value = raw[i + 1]!;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [before, value];
  }
  return headers;
}

/**
 * Size of headers as HTTP/2 counts it for SETTINGS_MAX_HEADER_LIST_SIZE (RFC 9113, 6.5.2): 32 bytes are added to each.
 * @param raw names and values in turn
 */
export function listSize(raw: readonly string[]): number {
  return raw.reduce((size, text) => size + text.length, 16 * raw.length);
}

export function firstOf(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

type Dropped = Pick<ForwardOrder, 'dropHeaders' | 'dropPrefix'>;
const NONE: Dropped = { dropHeaders: [], dropPrefix: undefined };

/** What may pass to the next hop: no pseudo headers, none of those that mean one hop, none of the dropped. */
export function passOn(
  headers: CallHeaders,
  { dropHeaders, dropPrefix }: Dropped = NONE,
): Record<string, string | string[]> {
  const out: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(':') || HOP_BY_HOP.has(name) || dropHeaders.includes(name)) continue;
    if (dropPrefix !== undefined && name.startsWith(dropPrefix)) continue;
    out[name] = typeof value === 'string' ? value : [...value];
  }
  return out;
}

/** The headers of a call on its way to an engine. */
export function requestHeaders(
  headers: CallHeaders,
  order: Dropped & Pick<ForwardOrder, 'setHeaders'>,
  timeout: string | undefined,
): OutgoingHttpHeaders {
  return {
    ':method': 'POST',
    ':path': firstOf(headers[':path']) ?? '/',
    ...passOn(headers, order),
    ...(timeout === undefined ? {} : { 'grpc-timeout': timeout }),
    ...order.setHeaders,
    te: 'trailers',
  };
}

/** The headers of an answer on its way to the client, with `added` over those of the same name. */
export function responseHeaders(
  headers: CallHeaders,
  added: Readonly<Record<string, string>> = {},
): OutgoingHttpHeaders {
  return { ':status': 200, ...passOn(headers), ...added };
}

export function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Is this a value of `content-type` that gRPC over HTTP/2 has? gRPC-Web is another protocol. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && /^application\/grpc(\+|;|$)/i.test(contentType);
}
