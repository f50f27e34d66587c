/** What is looked at in each value, beyond where it lies. */
export type ValueCheck =
  | { readonly kind: 'range'; readonly bytes: 4 | 8; readonly min: number; readonly max: number }
  | { readonly kind: 'decimal'; readonly precision: number; readonly words: number }
  /** A decimal256 that fits 128 bits without a sign. */
  | { readonly kind: 'uhugeint' };

/** How values lie in the body of a message (Arrow columnar format). */
export type InputLayout =
  | { readonly kind: 'null' | 'bits' | 'struct' | 'runEnds' }
  | {
      readonly kind: 'fixed';
      /** Bytes of a value as sent. */
      readonly width: number;
      /** DuckDB has no such type, or reads it wrongly: it gets a wider or narrower one. */
      readonly convert?: 'half' | 'dayTime' | 'decimal256';
      readonly check?: ValueCheck;
    }
  | { readonly kind: 'binary'; readonly offsetBytes: 4 | 8; readonly text: boolean }
  | { readonly kind: 'view'; readonly text: boolean }
  | { readonly kind: 'list'; readonly offsetBytes: 4 | 8 }
  | { readonly kind: 'listView'; readonly offsetBytes: 4 | 8 }
  | { readonly kind: 'fixedList'; readonly size: number }
  | { readonly kind: 'union'; readonly dense: boolean; readonly typeIds: readonly number[] };

/** Where the indices of a dictionary-encoded field point, and how wide they are. */
export interface InputDictionary {
  readonly id: bigint;
  readonly indexBytes: number;
  readonly signed: boolean;
}

/** One field of a schema that a client sent. */
export interface InputField {
  readonly name: string;
  /** The top-level column that it belongs to, for messages. */
  readonly column: string;
  /** Of the values; with a dictionary these come in messages of their own. */
  readonly layout: InputLayout;
  readonly dictionary: InputDictionary | undefined;
  /**
   * The values are picked from elsewhere (dictionaries, runs, dense unions, list views): strings and blobs are then
   * handed on as views, so that none is copied.
   */
  readonly gathered: boolean;
  /** Format string of the C data interface that DuckDB gets. */
  readonly format: string;
  /** Name and metadata of the extension type, where DuckDB knows it. */
  readonly extension: ReadonlyMap<string, string>;
  readonly children: readonly InputField[];
}

/** The same for two fields whose values may share a dictionary. */
export function shapeOf({ format, layout, children, dictionary }: InputField): string {
  const indices = dictionary ? `@${dictionary.id}` : '';
  return `${format}${indices}${JSON.stringify(layout)}(${children.map(shapeOf).join()})`;
}
