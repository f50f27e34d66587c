import { DomainError, messageOf } from '@pondpilot/kernel';

/** What a message says about itself is not so. */
export function malformed(what: string): DomainError {
  return new DomainError('invalid_argument', `The Arrow message is malformed: ${what}.`);
}

/** What `read` makes of a client's bytes. Whatever fails in a reader is the bytes' fault. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DomainError) throw error;
    if (error instanceof OutOfMemory) throw new DomainError('resource_exhausted', error.message);
    throw malformed(`it can't be read (${messageOf(error)})`);
  }
}

export class OutOfMemory extends Error {}

export function malformedColumn(column: string, what: string): DomainError {
  return malformed(`column "${column}" ${what}`);
}

export function unreadable(column: string, type: string, advice: string): DomainError {
  return new DomainError(
    'unimplemented',
    `Column "${column}" has a type that can't be read (${type}). ${advice}`,
  );
}
