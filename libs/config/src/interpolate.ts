import type { Problem } from './problems.js';
import type { Variable } from './variables.js';

/** `$${`, or `${NAME}`, or `${NAME:-default}`; a `${` that starts none of these matches by itself. */
const PLACEHOLDER = /\$(\$\{)|\$\{(?:([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\})?/g;

type Path = readonly PropertyKey[];

/**
 * The same data with `${NAME}` and `${NAME:-default}` in its texts replaced by what `read` answers; `$${` stands for
 * `${` itself. A variable that is not set and has no default is a problem that names key and variable. A key without a
 * value (`port:`, or `port: ${PORT:-}`) becomes undefined, so it counts as unset.
 */
export function interpolate(
  value: unknown,
  read: (name: string) => Variable,
  problems: Problem[],
  path: Path = [],
): unknown {
  const inside = (child: unknown, key: PropertyKey) => interpolate(child, read, problems, [...path, key]);
  if (typeof value === 'string') return fill(value, read, (message) => problems.push({ path, message }));
  if (Array.isArray(value)) return value.map(inside);
  if (typeof value !== 'object') return value;
  if (value === null) return undefined;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, inside(child, key)]));
}

function fill(
  text: string,
  read: (name: string) => Variable,
  report: (message: string) => void,
): string | undefined {
  const filled = text.replaceAll(
    PLACEHOLDER,
    (placeholder, escaped?: string, name?: string, fallback?: string) => {
      if (escaped) return escaped;
      if (!name) {
        report('holds a ${ that starts neither ${NAME} nor ${NAME:-default}; write $${ for the characters');
        return placeholder;
      }
      const { value, problem } = read(name);
      const result = value ?? (problem ? undefined : fallback);
      if (result !== undefined) return result;
      report(problem ?? `needs the environment variable ${name}, which is not set`);
      return placeholder;
    },
  );
  return filled === '' && text !== '' ? undefined : filled;
}
