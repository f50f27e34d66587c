import koffi from 'koffi';

/** `duckdb::Allocator::FlushAll()`, which gives back what DuckDB's allocator and the C library keep. No C function does. */
const FLUSH_ALL = '_ZN6duckdb9Allocator8FlushAllEv';

/** How to give memory that is free back to the system; does nothing with a library that can't. */
export function freeMemoryReleaser(library: string): () => void {
  try {
    return koffi.load(library).func(FLUSH_ALL, 'void', []) as () => void;
  } catch {
    return () => {};
  }
}
