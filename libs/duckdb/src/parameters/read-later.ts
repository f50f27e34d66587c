import type { ParameterRows } from './parameter-type.js';

/**
 * Like those of `read-parameters.ts`, which is loaded at the first call: few engines are sent parameters, and what reads
 * them takes long to load beside a start.
 */
export async function readParameters(ipcStream: Uint8Array, mostRows: number): Promise<ParameterRows> {
  return (await import('./read-parameters.js')).readParameters(ipcStream, mostRows);
}

export async function* readParameterChunks(ipcStream: Uint8Array): AsyncGenerator<ParameterRows> {
  yield* (await import('./read-parameters.js')).readParameterChunks(ipcStream);
}
