import { isIP } from 'node:net';
import { z } from 'zod';
import { parseDuration, parseSize } from '@pondpilot/kernel';

/**
 * What the schema says of a setting besides its type. The environment overlay, the error messages, the documentation
 * and the schema for editors all read it from there, so that a setting is written down once.
 */
export interface SettingMeta {
  readonly description: string;
  /** Environment variable that wins over the file. */
  readonly env?: string;
  /** Its value is read from `<env>_FILE`, `<env>` or Docker's secrets, and never shown. */
  readonly secret?: true;
  /** Must not stand in the file. */
  readonly envOnly?: true;
  /** What stands for the default in the documentation, where there is no value to show. */
  readonly defaultText?: string;
  /** This version reads the setting and does nothing with it yet. */
  readonly unused?: true;
  [key: string]: unknown;
}

export const about = (description: string, more: Omit<SettingMeta, 'description'> = {}): SettingMeta => ({
  ...more,
  description,
});

/** A part of a JSON schema (https://json-schema.org/draft/2020-12). */
export type JsonSchema = Record<string, unknown>;

/**
 * A setting that is read by `parse`, which answers undefined for what it can't take. The problem that is then
 * reported names what is expected and never the value, which may be a secret. `json` is how editors check it.
 */
export function setting<T>(expected: string, json: JsonSchema, parse: (value: unknown) => T | undefined) {
  return z
    .unknown()
    .transform((value, context): T => {
      const parsed = parse(value);
      if (parsed !== undefined) return parsed;
      context.addIssue({
        code: 'custom',
        message: value === undefined ? `is missing: set ${expected}` : `must be ${expected}`,
      });
      return z.NEVER;
    })
    .meta({ expected, json });
}

/** A text that the pattern matches; without one, any that is not blank. */
export const text = (expected: string, pattern = /\S/) =>
  setting(expected, { type: 'string', pattern: pattern.source }, (value) =>
    typeof value === 'string' && pattern.test(value) ? value : undefined,
  );

/** One of the given words, in any case. */
export const choice = <const T extends string>(words: readonly T[]) =>
  setting(`one of ${words.join(', ')}`, { enum: words }, (value) =>
    typeof value === 'string' ? words.find((word) => word === value.trim().toLowerCase()) : undefined,
  );

export const flag = () =>
  setting('true or false', { type: 'boolean' }, (value) => {
    if (value === true || value === 'true') return true;
    return value === false || value === 'false' ? false : undefined;
  });

/** A number within bounds; text is taken too, since variables are text. */
const number = (expected: string, json: JsonSchema, inBounds: (value: number) => boolean) =>
  setting(expected, json, (value) => {
    const parsed = typeof value === 'string' && /^\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value;
    return typeof parsed === 'number' && inBounds(parsed) ? parsed : undefined;
  });

export const whole = (minimum: number, maximum: number, what = 'a whole number') =>
  number(
    `${what} from ${minimum} to ${maximum}`,
    { type: 'integer', minimum, maximum },
    (value) => Number.isInteger(value) && value >= minimum && value <= maximum,
  );

/** A number above 0; fractions are fine. */
export const positive = (what: string, maximum: number) =>
  number(
    `${what} above 0 and up to ${maximum}, e.g. 0.5`,
    { type: 'number', exclusiveMinimum: 0, maximum },
    (value) => value > 0 && value <= maximum,
  );

/** Milliseconds, of a duration such as `30s` or of a bare number. Longer than a timer can run is not a duration. */
export const duration = (minimumMs: number, shown: string) =>
  setting(`a duration of at least ${shown}, e.g. 30s, 5m or 1h`, withUnit('ms|s|m|h|d', minimumMs), (value) =>
    within(parseText(parseDuration, value), minimumMs, 2 ** 31 - 1),
  );

/** Bytes, of a size such as `512m` or of a bare number. */
export const size = (minimumBytes: number, shown: string) =>
  setting(
    `a size of at least ${shown}, e.g. 512m or 1g`,
    withUnit('[bkmgtBKMGT]?(i?[bB])?', minimumBytes),
    (value) => within(parseText(parseSize, value), minimumBytes, Number.MAX_SAFE_INTEGER),
  );

/** An address or a network, e.g. `10.0.0.1` or `10.0.0.0/8`. */
export const network = () =>
  setting('an IP address or a network such as 10.0.0.0/8', { type: 'string' }, (value) => {
    if (typeof value !== 'string') return undefined;
    const [address = '', prefix] = value.trim().split('/', 2);
    const family = isIP(address);
    const bits = prefix === undefined ? 0 : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
    return family !== 0 && bits <= (family === 4 ? 32 : 128) ? value.trim() : undefined;
  });

function withUnit(units: string, minimum: number): JsonSchema {
  return { type: ['string', 'integer'], pattern: `^\\d+(\\.\\d+)?\\s*(${units})?$`, minimum };
}

function parseText(parse: (text: string) => number | undefined, value: unknown): number | undefined {
  return typeof value === 'string' || typeof value === 'number' ? parse(String(value)) : undefined;
}

function within(value: number | undefined, minimum: number, maximum: number): number | undefined {
  return value !== undefined && value >= minimum && value <= maximum ? value : undefined;
}
