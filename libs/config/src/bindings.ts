import { z } from 'zod';
import { configSchema } from './schema.js';

/** A setting that a variable can give. */
export interface EnvBinding {
  /** e.g. `['server', 'grpc_port']` */
  readonly path: readonly string[];
  readonly variable: string;
  readonly secret: boolean;
}

/** All settings of the schema that name an environment variable, found by walking it. */
export function envBindings(schema: z.ZodType = configSchema, path: readonly string[] = []): EnvBinding[] {
  const meta = schema.meta();
  if (typeof meta?.['env'] === 'string') {
    return [{ path, variable: meta['env'], secret: meta['secret'] === true }];
  }
  const object = unwrap(schema);
  if (!(object instanceof z.ZodObject)) return [];
  const shape = object.shape as Record<string, z.ZodType>;
  return Object.entries(shape).flatMap(([key, child]) => envBindings(child, [...path, key]));
}

function unwrap(schema: z.ZodType): z.ZodType {
  const wrapped =
    schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault || schema instanceof z.ZodOptional;
  return wrapped ? unwrap(schema.unwrap() as z.ZodType) : schema;
}
