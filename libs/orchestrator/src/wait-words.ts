import type { Waiting, WaitStep } from './orchestrator.js';

/** What an engine is at while its user waits for it. */
const ENGINE_WAS: Readonly<Record<Exclude<WaitStep, 'queued'>, string>> = {
  waiting_for_room: 'waiting for another one to end',
  creating: 'being created',
  booting: 'booting',
  attaching: 'attaching its databases',
  claiming: 'being handed over to you',
};

/** What a request has waited for, as half a sentence for its user, e.g. `your engine was booting`. */
export function waitedFor({ step, place }: Waiting): string {
  if (step !== 'queued') return `your engine was ${ENGINE_WAS[step]}`;
  return place === undefined
    ? 'you were waiting for an engine'
    : `you were number ${place} of those who wait for an engine`;
}

/** A time for people, e.g. `0.3 s` or `30 s`. */
export function inSeconds(ms: number): string {
  return `${ms < 10_000 ? Math.round(ms / 100) / 10 : Math.round(ms / 1000)} s`;
}
