/**
 * Names that a database can't be attached under: DuckDB's own catalogues and the words that its grammar reserves
 * (`SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category = 'reserved'`).
 */
const CATALOGUES = ['main', 'temp', 'system', 'memory'];
const RESERVED =
  `all analyse analyze and any array as asc asymmetric both case cast check collate column constraint
  create default deferrable desc describe distinct do else end except false fetch for foreign from group having in
  initially intersect into lambda lateral leading limit not null offset on only or order pivot pivot_longer pivot_wider
  placing primary qualify references returning select show some summarize symmetric table then to trailing true union
  unique unpivot using variadic when where window with`.split(/\s+/);

const TAKEN: ReadonlySet<string> = new Set([...CATALOGUES, ...RESERVED]);

/** Can this be written in SQL without quotes, as a catalogue's name? */
export function isAlias(value: unknown): value is string {
  return (
    typeof value === 'string' &&
    /^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(value) &&
    !TAKEN.has(value.toLowerCase())
  );
}
