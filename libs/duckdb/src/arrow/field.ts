/** How a column's values lie in memory; the words are those of the Arrow columnar format. */
export type Layout =
  | { readonly kind: 'null' }
  | { readonly kind: 'bits' }
  | { readonly kind: 'fixed'; readonly width: number; readonly check?: ValueCheck }
  /** Unsigned integers of 128 bits, which become decimals of 256. */
  | { readonly kind: 'uhugeint' }
  | { readonly kind: 'binary' }
  | { readonly kind: 'list' }
  | { readonly kind: 'fixedList'; readonly size: number }
  | { readonly kind: 'struct' }
  | { readonly kind: 'sparseUnion' };

/** DuckDB has values of these types that Arrow's type has not. */
export interface ValueCheck {
  readonly kind: 'hugeint' | 'time' | 'time_ns';
  /** The column of the result, for the error. */
  readonly column: string;
}

/** One field of a schema, read from the Arrow C data interface. */
export interface Field {
  readonly name: string;
  readonly nullable: boolean;
  /** Format string of the C data interface, of the values or, with a dictionary, of the indices. */
  readonly format: string;
  readonly keysSorted: boolean;
  readonly metadata: ReadonlyMap<string, string>;
  readonly layout: Layout;
  readonly children: readonly Field[];
  /** The values of a dictionary-encoded field, and the id that its dictionary batches carry. */
  readonly dictionary: { readonly id: number; readonly values: Field; readonly ordered: boolean } | undefined;
}

const FIXED_WIDTHS: Readonly<Record<string, number>> = {
  c: 1,
  C: 1,
  s: 2,
  S: 2,
  i: 4,
  I: 4,
  l: 8,
  L: 8,
  e: 2,
  f: 4,
  g: 8,
  tdD: 4,
  tdm: 8,
  tts: 4,
  ttm: 4,
  ttu: 8,
  ttn: 8,
  tiM: 4,
  tiD: 8,
  tin: 16,
};

/** Layout of a format string; undefined for what DuckDB does not produce with its default settings. */
export function layoutOf(format: string): Layout | undefined {
  const width = FIXED_WIDTHS[format];
  if (width !== undefined) return { kind: 'fixed', width };
  if (format === 'n') return { kind: 'null' };
  if (format === 'b') return { kind: 'bits' };
  if (format === 'u' || format === 'z') return { kind: 'binary' };
  if (format === '+l' || format === '+m') return { kind: 'list' };
  if (format === '+s') return { kind: 'struct' };
  if (format.startsWith('+us:')) return { kind: 'sparseUnion' };
  if (format.startsWith('+w:')) return { kind: 'fixedList', size: Number(format.slice(3)) };
  if (format.startsWith('w:')) return { kind: 'fixed', width: Number(format.slice(2)) };
  if (format.startsWith('ts') || format.startsWith('tD')) return { kind: 'fixed', width: 8 };
  if (format.startsWith('d:')) return { kind: 'fixed', width: Number(format.split(',')[2] ?? 128) / 8 };
  return undefined;
}
