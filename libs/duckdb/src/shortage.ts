import { DomainError } from '@pondpilot/kernel';

/** What V8, Node and `allocate` say where there is no memory. */
const NO_MEMORY = /allocation failed|failed to allocate|no memory for|out of memory/i;

/** For users: the engine has no memory for what was asked. */
export function shortage(): DomainError {
  return new DomainError(
    'resource_exhausted',
    'Your engine has no memory left for this (containers.memory_limit). Ask for less at once.',
  );
}

/** What users are told of an error that came of a want of memory; undefined for any other. */
export function shortageOf(error: unknown): DomainError | undefined {
  if (error instanceof DomainError || typeof error !== 'object' || error === null) return undefined;
  // Node's own errors are not always of this context's class.
  const message = 'message' in error ? String(error.message) : '';
  return NO_MEMORY.test(message) ? shortage() : undefined;
}
