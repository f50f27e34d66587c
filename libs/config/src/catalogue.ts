import { z } from 'zod';
import { configSchema } from './schema.js';
import type { SettingMeta } from './settings.js';

/** One setting, as the schema describes it. */
export interface Setting {
  /** e.g. `['server', 'grpc_port']`; `[]` stands for each item of a list. */
  readonly path: readonly string[];
  readonly meta: SettingMeta;
  /** What a value must be, e.g. `a port from 0 to 65535`. Of a list of sections, undefined. */
  readonly expected: string | undefined;
  /** As it would stand in the file; undefined where there is none. */
  readonly defaultValue: unknown;
}

/** All settings of the schema, found by walking it, in its order. */
export function settingsOf(schema: z.ZodType = configSchema, path: readonly string[] = []): Setting[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Record<string, z.ZodType>;
    return Object.entries(shape).flatMap(([key, child]) => settingsOf(child, [...path, key]));
  }
  const meta = schema.meta() as SettingMeta;
  const defaultValue = schema instanceof z.ZodPrefault ? schema.def.defaultValue : undefined;
  if (!(inner instanceof z.ZodArray)) return [{ path, meta, expected: expectedBy(inner), defaultValue }];
  const items = inner.element as z.ZodType;
  if (items instanceof z.ZodObject) {
    const list = { path, meta, expected: undefined, defaultValue };
    return [list, ...settingsOf(items, [...path, '[]'])];
  }
  return [{ path, meta, expected: `a list; each item ${expectedBy(items)}`, defaultValue }];
}

function expectedBy(schema: z.ZodType): string {
  return String(schema.meta()?.['expected']);
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped = schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema;
}
