import { setFlagsFromString } from 'node:v8';

// Loading the modules leaves much garbage, for which V8 would grow the part of the heap where new objects go to a
// multiple and never shrink it: a third of the idle process. Afterwards it may grow as usual.
setFlagsFromString('--semi-space-growth-factor=1');
try {
  const { start } = await import('./start.js');
  await start();
} catch (error) {
  const { refusalLines } = await import('./refuse.js');
  process.stderr.write(`${refusalLines(error).join('\n')}\n`);
  process.exit(1);
}
setFlagsFromString('--semi-space-growth-factor=2');
