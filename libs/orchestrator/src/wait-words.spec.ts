import { describe, expect, it } from '@jest/globals';
import { inSeconds, waitedFor } from './wait-words.js';

describe('what was waited for', () => {
  it.each([
    [{ step: 'queued', place: 3 }, 'you were number 3 of those who wait for an engine'],
    [{ step: 'queued' }, 'you were waiting for an engine'],
    [{ step: 'waiting_for_room' }, 'your engine was waiting for another one to end'],
    [{ step: 'creating' }, 'your engine was being created'],
    [{ step: 'booting' }, 'your engine was booting'],
    [{ step: 'attaching' }, 'your engine was attaching its databases'],
    [{ step: 'claiming' }, 'your engine was being handed over to you'],
  ] as const)('of %j', (waiting, words) => expect(waitedFor(waiting)).toBe(words));
});

describe('a time', () => {
  it.each([
    [0, '0 s'],
    [340, '0.3 s'],
    [2000, '2 s'],
    [30_400, '30 s'],
  ])('of %i ms', (ms, words) => expect(inSeconds(ms)).toBe(words));
});
