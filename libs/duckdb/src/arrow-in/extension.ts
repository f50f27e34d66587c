import type { Field as FbField } from 'apache-arrow/fb/field';

const NAME = 'ARROW:extension:name';
const METADATA = 'ARROW:extension:metadata';
const MAX_ENTRIES = 1000;

/** Extension types whose every value is one, and the storage on which DuckDB relies without looking. */
const STORAGE: Readonly<Record<string, RegExp>> = {
  'arrow.uuid': /^w:16$/,
  'arrow.json': /^(u|U|vu)$/,
  'arrow.bool8': /^c$/,
};

/**
 * Metadata of an extension type that DuckDB may be told of. The others are read as what they are stored as: for some
 * (bits, geometries) DuckDB would trust bytes that nobody has checked.
 */
export function knownExtension(field: FbField, format: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  const count = Math.min(field.customMetadataLength(), MAX_ENTRIES);
  for (let i = 0; i < count; i++) {
    const entry = field.customMetadata(i);
    const key = entry?.key();
    if (key === NAME || key === METADATA) metadata.set(key, entry?.value() ?? '');
  }
  return STORAGE[metadata.get(NAME) ?? '']?.test(format) ? metadata : new Map();
}
