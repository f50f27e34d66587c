import { DomainError } from '@pondpilot/kernel';
import {
  inSeconds,
  waitedFor,
  type EngineLease,
  type Orchestrator,
  type Owner,
} from '@pondpilot/orchestrator';

/**
 * The owner's engine for one call. A call that ends meanwhile ends the wait, with an error that says what was waited
 * for, and the lease that comes after all is released: only who gets the lease from here has to release it.
 */
export async function acquireFor(
  orchestrator: Orchestrator,
  owner: Owner,
  signal: AbortSignal,
): Promise<EngineLease> {
  let lease: Promise<EngineLease> | undefined;
  const acquire = () => (lease = orchestrator.acquire(owner, signal));
  try {
    return await waitFor(orchestrator, owner, signal, acquire);
  } catch (error) {
    if (lease) void releaseLate(lease);
    throw error;
  }
}

/** Does what waits for the owner's engine, until `signal` aborts: then it rejects with what was waited for. */
export async function waitFor<T>(
  orchestrator: Orchestrator,
  owner: Owner,
  signal: AbortSignal,
  wait: () => Promise<T>,
): Promise<T> {
  if (signal.aborted) throw gone();
  const since = performance.now();
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(endOf(signal, performance.now() - since, orchestrator.waitOf(owner)));
  });
  // Before the orchestrator hears of it, which then no longer knows what the owner has waited for.
  signal.addEventListener('abort', leave, { once: true });
  try {
    return await Promise.race([wait(), left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

/** The end of a wait that its client may still hear of, or one that nobody does. */
function endOf(
  { reason }: AbortSignal,
  waitedMs: number,
  waiting: ReturnType<Orchestrator['waitOf']>,
): DomainError {
  if (!(reason instanceof DomainError) || reason.kind === 'cancelled') return gone();
  const { kind, message, retryAfterMs } = reason;
  const what = waiting ? `; ${waitedFor(waiting)}.` : ' for your engine.';
  const options = retryAfterMs === undefined ? {} : { retryAfterMs };
  return new DomainError(kind, `${message} The call waited ${inSeconds(waitedMs)}${what}`, options);
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
