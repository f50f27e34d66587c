import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration, parseSize } from '@pondpilot/kernel';

/**
 * What the schema says of a setting besides its type. The environment overlay and anything that describes the
 * settings to people read it from there, so that a setting is written down once.
 */
export interface SettingMeta {
  readonly description: string;
  /** Environment variable that wins over the file. */
  readonly env?: string;
  /** Never shown, and never read from the YAML file but from `<env>_FILE`, `<env>` or Docker's secrets. */
  readonly secret?: true;
  [key: string]: unknown;
}

/**
 * A setting that is read by `parse`, which answers undefined for what it can't take. The problem that is then
 * reported names what is expected and never the value, which may be a secret.
 */
export function setting<T>(expected: string, parse: (value: unknown) => T | undefined) {
  return z.unknown().transform((value, context): T => {
    const parsed = parse(value);
    if (parsed !== undefined) return parsed;
    context.addIssue({
      code: 'custom',
      message: value === undefined ? `is missing: set ${expected}` : `must be ${expected}`,
    });
    return z.NEVER;
  });
}

/** A non-empty text. */
export const text = (expected: string) =>
  setting(expected, (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined));

/** One of the given words, in any case. */
export const choice = <const T extends string>(words: readonly T[]) =>
  setting(`one of ${words.join(', ')}`, (value) =>
    typeof value === 'string' ? words.find((word) => word === value.trim().toLowerCase()) : undefined,
  );

export const flag = () =>
  setting('true or false', (value) => {
    if (value === true || value === 'true') return true;
    return value === false || value === 'false' ? false : undefined;
  });

/** A number within bounds; text is taken too, since variables are text. */
export const number = (expected: string, inBounds: (value: number) => boolean) =>
  setting(expected, (value) => {
    const parsed = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
    return typeof parsed === 'number' && inBounds(parsed) ? parsed : undefined;
  });

export const port = () =>
  number('a port from 0 to 65535', (value) => Number.isInteger(value) && value >= 0 && value <= 65_535);

/** Milliseconds, of a duration such as `30s` or of a bare number. Longer than a timer can run is not a duration. */
export const duration = (minimumMs: number, shown: string) =>
  setting(`a duration of at least ${shown}, e.g. 30s, 5m or 1h`, (value) =>
    within(parseDuration(String(value)), minimumMs, 2 ** 31 - 1),
  );

/** Bytes, of a size such as `512m` or of a bare number. */
export const size = (minimumBytes: number, shown: string) =>
  setting(`a size of at least ${shown}, e.g. 512m or 1g`, (value) =>
    within(parseSize(String(value)), minimumBytes, Number.MAX_SAFE_INTEGER),
  );

/** An address or a network, e.g. `10.0.0.1` or `10.0.0.0/8`. */
export const network = () =>
  setting('an IP address or a network such as 10.0.0.0/8', (value) => {
    if (typeof value !== 'string') return undefined;
    const [address = '', prefix] = value.trim().split('/', 2);
    const family = isIP(address);
    const bits = prefix === undefined ? 0 : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
    return family !== 0 && bits <= (family === 4 ? 32 : 128) ? value.trim() : undefined;
  });

function within(value: number | undefined, minimum: number, maximum: number): number | undefined {
  return value !== undefined && value >= minimum && value <= maximum ? value : undefined;
}
