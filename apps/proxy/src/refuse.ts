import { ConfigError } from '@pondpilot/config';
import { DomainError } from '@pondpilot/kernel';

/**
 * What is told of a start that failed: a line for each problem that the operator can repair. Anything else is a fault
 * of ours, told with its stack.
 */
export function refusalLines(error: unknown): string[] {
  const lines = error instanceof ConfigError ? error.problems : [describe(error)];
  return lines.map((line) => `pondpilot-proxy: ${line}`);
}

function describe(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
