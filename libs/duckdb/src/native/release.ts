import koffi from 'koffi';
import type { Pointer } from './api.js';

/**
 * A `release` of the Arrow C data interface that does nothing, for memory that its owner frees later: C `labs`, which
 * takes the pointer as a number and touches no memory. One in JavaScript could deadlock: DuckDB calls from any thread.
 */
export const HARMLESS_RELEASE: Pointer = Number(
  koffi.address(koffi.load('libc.so.6').symbol('labs', 'void *')),
);
