import type { Setting } from './catalogue.js';

/**
 * `; did you mean server.port?` for an unknown key that is nearly the name of a setting beside it, or just the name of
 * one elsewhere; else nothing. What it suggests is always from the schema.
 */
export function didYouMean(path: readonly PropertyKey[], settings: readonly Setting[]): string {
  const section = path.slice(0, -1).map((key) => (typeof key === 'number' ? '[]' : String(key)));
  const key = plain(String(path.at(-1)));
  const paths = settings.map((setting) => setting.path);
  const beside = paths
    .filter((other) => other.length > section.length && section.every((part, at) => other[at] === part))
    .map((other) => other[section.length] ?? '');
  const [near] = beside
    .map((name) => ({ name, distance: editDistance(key, plain(name)) }))
    .filter(({ distance }) => distance <= Math.min(3, Math.max(1, Math.floor(key.length / 3))))
    .toSorted((a, b) => a.distance - b.distance);
  const elsewhere = paths.find((other) => plain(other.at(-1) ?? '') === key && !other.includes('[]'));
  const suggestion = near?.name ?? elsewhere?.join('.');
  return suggestion === undefined ? '' : `; did you mean ${suggestion}?`;
}

/** `grpcPort`, `grpc-port` and `GRPC_PORT` are all near to `grpc_port`. */
function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '').slice(0, 60);
}

/** How many letters must be put in, taken out or replaced to get from one word to the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const next = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
