import koffi from 'koffi';

const exit = koffi.load('libc.so.6').func('_exit', 'void', ['int']) as (code: number) => void;

/** Ends the process at once. `process.exit` waits for threads, one of which may be stuck in native code for ever. */
export function exitNow(code: number): never {
  exit(code);
  throw new Error('The process goes on after its exit.');
}
