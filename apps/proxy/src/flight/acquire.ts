import { DomainError } from '@pondpilot/kernel';
import type { EngineLease, Orchestrator, Owner } from '@pondpilot/orchestrator';

/**
 * The owner's engine for one call. A client that goes away ends the wait, and the lease that comes after all is
 * released: only who gets the lease from here has to release it.
 */
export async function acquireFor(
  orchestrator: Orchestrator,
  owner: Owner,
  signal: AbortSignal,
): Promise<EngineLease> {
  if (signal.aborted) throw gone();
  const lease = orchestrator.acquire(owner, signal);
  try {
    return await unlessAborted(lease, signal);
  } catch (error) {
    void releaseLate(lease);
    throw error;
  }
}

function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(gone());
    signal.addEventListener('abort', leave);
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

async function releaseLate(pending: Promise<EngineLease>): Promise<void> {
  try {
    (await pending).release();
  } catch {
    // No lease came, so there is none to release.
  }
}

function gone(): DomainError {
  return new DomainError('cancelled', 'The client went away before its engine was ready.');
}
