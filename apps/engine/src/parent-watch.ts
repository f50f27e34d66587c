/**
 * Ends the engine when its standard input ends: whoever started it is gone then, however it ended. SIGKILL, because a
 * thread that is stuck in native code keeps an orderly exit from ever finishing.
 */
export function endWithParent(input: NodeJS.ReadableStream): void {
  const end = () => process.kill(process.pid, 'SIGKILL');
  input.on('end', end);
  input.on('close', end);
  input.on('error', end);
  input.resume();
}
