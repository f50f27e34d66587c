import type { Problem } from './problems.js';

const PLACEHOLDER = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g;

/**
 * The same data with `${NAME}` and `${NAME:-default}` in its texts replaced from `env`; `$${` stands for `${` itself.
 * A variable that is not set and has no default is a problem that names key and variable. Keys without a value
 * (`port:`) are left out, so they count as unset.
 */
export function interpolate(
  value: unknown,
  env: Readonly<Record<string, string>>,
  problems: Problem[],
  path: readonly PropertyKey[] = [],
): unknown {
  if (typeof value === 'string') return fill(value, env, problems, path);
  if (Array.isArray(value))
    return value.map((item, index) => interpolate(item, env, problems, [...path, index]));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value)
    .filter(([, child]) => child !== null)
    .map(([key, child]) => [key, interpolate(child, env, problems, [...path, key])] as const);
  return Object.fromEntries(entries);
}

function fill(
  text: string,
  env: Readonly<Record<string, string>>,
  problems: Problem[],
  path: readonly PropertyKey[],
): string {
  return text.replaceAll(
    PLACEHOLDER,
    (placeholder, escaped: string, name: string, fallback: string | undefined) => {
      if (escaped) return escaped;
      const value = env[name] ?? fallback;
      if (value !== undefined) return value;
      problems.push({ path, message: `needs the environment variable ${name}, which is not set` });
      return placeholder;
    },
  );
}
