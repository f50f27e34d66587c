import koffi from 'koffi';
import type { Pointer } from './api.js';

const releaseType = koffi.proto('void', ['intptr_t']);
const releasers = new Map<Pointer, (structure: Pointer) => void>();

/** Calls the `release` function of an ArrowArray or ArrowSchema (Arrow C data interface). */
export function callRelease(release: Pointer, structure: Pointer): void {
  let call = releasers.get(release);
  if (!call) {
    call = koffi.decode(release, releaseType) as (structure: Pointer) => void;
    releasers.set(release, call);
  }
  call(structure);
}
