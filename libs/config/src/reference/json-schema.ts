import { z } from 'zod';
import { configSchema } from '../schema.js';
import type { JsonSchema } from '../settings.js';

/** Where a value that is no text of its own comes from a variable, as in `port: ${PORT}`. */
const VARIABLE = { type: 'string', pattern: '\\$\\{' };

/** What our descriptions hold besides `description`, which JSON schema has too. */
const OURS: ReadonlySet<string> = new Set([
  'expected',
  'json',
  'env',
  'secret',
  'envOnly',
  'defaultText',
  'unused',
]);

/** The schema of the YAML file for editors. What it passes may still be refused at the start; what it refuses is. */
export function configurationJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { io: 'input' }) as JsonSchema;
  return { ...tidy(schema), title: 'Configuration of PondPilot Proxy' };
}

/** Zod copies our descriptions of settings into its result as they are; this makes plain JSON schema of them. */
function tidy(node: JsonSchema): JsonSchema {
  const rest = Object.fromEntries(Object.entries(node).filter(([key]) => !OURS.has(key)));
  const description = describe(node);
  if (node['json']) return { ...rest, ...description, ...form(node['json'] as JsonSchema) };
  const { properties, required, items, ...plain } = rest;
  if (items) return { ...plain, ...description, items: tidy(items as JsonSchema) };
  if (!properties) return rest;
  const kept = Object.entries(properties as Record<string, JsonSchema>).filter(
    ([, child]) => !child['envOnly'],
  );
  const names = ((required ?? []) as string[]).filter((name) => kept.some(([key]) => key === name));
  const { default: _sectionDefault, ...section } = plain;
  return {
    ...section,
    properties: Object.fromEntries(kept.map(([key, child]) => [key, tidy(child)])),
    ...(names.length > 0 ? { required: names } : {}),
  };
}

function form(json: JsonSchema): JsonSchema {
  return json['type'] === 'string' && !json['pattern'] ? json : { anyOf: [json, VARIABLE] };
}

function describe({ description, expected, unused }: JsonSchema): JsonSchema {
  const sentences = [
    description,
    expected && `Must be ${String(expected)}.`,
    unused && 'Not used by this version yet.',
  ];
  const text = sentences.filter(Boolean).join(' ');
  return text ? { description: text } : {};
}
