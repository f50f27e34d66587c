const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/**
 * Milliseconds of `500ms`, `30s`, `5m`, `1h`, `1d`, or of a bare number (milliseconds).
 * Undefined where the text is none of these.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)?$/.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (DURATION_MS[match[2] ?? 'ms'] ?? 1));
}

/** Bytes of `256m`, `1g`, `512k`, or of a bare number (bytes). Units are powers of 1024. Undefined for other text. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([bkmgt])?(?:i?b)?$/.exec(text.trim().toLowerCase());
  if (!match) return undefined;
  return Math.round(Number(match[1]) * (SIZE_BYTES[match[2] ?? 'b'] ?? 1));
}
