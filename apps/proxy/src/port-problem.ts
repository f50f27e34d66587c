import { DomainError, messageOf } from '@pondpilot/kernel';

interface Wanted {
  readonly host: string;
  readonly port: number;
  /** The variable that sets the port. */
  readonly portVariable: string;
}

/** Why a port could not be opened, and what to do about it. */
export function portProblem(error: unknown, { host, port, portVariable }: Wanted): DomainError {
  return new DomainError('failed_precondition', text(), { cause: error });

  function text(): string {
    switch ((error as NodeJS.ErrnoException).code) {
      case 'EADDRINUSE':
        return `port ${port} is taken; set ${portVariable}`;
      case 'EACCES':
        return `port ${port} may not be opened by this user; set ${portVariable} to one above 1023`;
      case 'EADDRNOTAVAIL':
      case 'ENOTFOUND':
        return `this machine has no address ${host}; set HOST`;
      default:
        return `port ${port} on ${host} could not be opened: ${messageOf(error)}`;
    }
  }
}
