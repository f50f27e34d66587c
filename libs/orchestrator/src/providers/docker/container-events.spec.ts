import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { ServerResponse } from 'node:http';
import { ContainerEvents } from './container-events.js';
import { until } from './docker.harness.js';
import type { ContainerEnding } from './ending.js';
import { FakeDaemon, type Call } from './fake-daemon.harness.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL } from './labels.js';

const DEPLOYMENT = 'abc';
/** The daemon's clock, which is not the proxy's. */
const DATE = 'Fri, 01 Jan 2027 00:00:10 GMT';
const DATE_S = Date.parse(DATE) / 1000;

let fake: FakeDaemon;
let events: ContainerEvents;
let ended: Array<[string, ContainerEnding]>;
let returns: number;
let stream: ServerResponse | undefined;

beforeEach(async () => {
  fake = new FakeDaemon();
  await fake.start();
  fake.on('GET /events', { write: begin });
  [ended, returns, stream] = [[], 0, undefined];
  events = new ContainerEvents(fake.docker, DEPLOYMENT, {
    onEnd: (id, ending) => ended.push([id, ending]),
    onReturn: () => (returns += 1),
  });
});
afterEach(async () => {
  events.close();
  await fake.stop();
});

function begin(response: ServerResponse): void {
  response.sendDate = false;
  response.writeHead(200, { date: DATE }).flushHeaders();
  stream = response;
}

const asked = (): Call[] => fake.asked('GET /events');
const tell = (text: string) => stream!.write(text);

function event(
  action: string,
  id: string,
  attributes: Record<string, string> = {},
  timeNano = (DATE_S + 1) * 1e9,
): string {
  const labels = { [ENGINE_LABEL]: id, [DEPLOYMENT_LABEL]: DEPLOYMENT };
  return `${JSON.stringify({ Type: 'container', Action: action, Actor: { ID: id, Attributes: { ...labels, ...attributes } }, timeNano })}\n`;
}
const die = (id: string, exitCode: number, timeNano?: number) =>
  event('die', id, { exitCode: String(exitCode) }, timeNano);

describe('the ends of containers', () => {
  beforeEach(() => events.open());

  it("are asked for of this deployment's engines alone", () => {
    expect(asked()).toHaveLength(1);
    expect(asked()[0]).toMatchObject({
      filters: {
        type: ['container'],
        event: ['oom', 'die'],
        label: [`${DEPLOYMENT_LABEL}=${DEPLOYMENT}`, ENGINE_LABEL],
      },
    });
    expect(asked()[0]?.query).not.toHaveProperty('since');
  });

  it('are told as they come, also in pieces', async () => {
    const text = die('one', 3) + die('two', 137);
    tell(text.slice(0, 100));
    await new Promise((resolve) => setImmediate(resolve));
    tell(text.slice(100));
    await until(() => ended.length === 2);
    expect(ended.toSorted()).toEqual([
      ['one', { exitCode: 3, outOfMemory: false }],
      ['two', { exitCode: 137, outOfMemory: false }],
    ]);
  });

  it("are for the container's memory where Docker told so before", async () => {
    tell(event('oom', 'one') + die('two', 137) + die('one', 137));
    // One that survived it ended well: that is no end for memory.
    tell(event('oom', 'three') + die('three', 0));
    await until(() => ended.length === 3);
    expect(Object.fromEntries(ended.map(([id, { outOfMemory }]) => [id, outOfMemory]))).toEqual({
      one: true,
      two: false,
      three: false,
    });
  });

  it("are for the container's memory also where Docker tells so right after, and are told once", async () => {
    tell(die('one', 137));
    await until(() => asked().length > 0);
    tell(event('oom', 'one') + die('two', 1));
    await until(() => ended.length === 2);
    expect(ended).toEqual([
      ['two', { exitCode: 1, outOfMemory: false }],
      ['one', { exitCode: 137, outOfMemory: true }],
    ]);
  });

  it('forget who ran out of memory and did not end, where they are many', async () => {
    const many = Array.from({ length: 1000 }, (_, at) => event('oom', `other-${at}`));
    tell([event('oom', 'eldest'), ...many, die('eldest', 137), die('other-999', 137)].join(''));
    await until(() => ended.length === 2);
    expect(ended.map(([id, { outOfMemory }]) => [id, outOfMemory])).toEqual([
      ['other-999', true],
      ['eldest', false],
    ]);
  });

  it('are not found in what is no event of an engine', async () => {
    const others = ['null', '7', '"die"', '[]', '{"Action":"die"}', '{"Action":"die","Actor":null}', '{'];
    const foreign = { Action: 'die', Actor: { Attributes: { exitCode: '1', name: 'else' } } };
    tell(
      [...others, JSON.stringify(foreign), event('start', 'one').trim(), 'x'.repeat(100_000), ''].join('\n'),
    );
    tell(die('last', 0));
    await until(() => ended.length > 0);
    expect(ended.map(([id]) => id)).toEqual(['last']);
  });

  it('are asked for once, however many want them', async () => {
    await Promise.all([events.open(), events.open()]);
    expect(asked()).toHaveLength(1);
  });
});

describe('a stream of events that is cut', () => {
  beforeEach(() => events.open());
  const cut = async () => {
    fake.cut();
    await until(() => returns > 0);
  };

  it("is opened again from its start by the daemon's clock, where nothing came", async () => {
    await cut();
    expect(Number(asked()[1]?.query['since'])).toBe(DATE_S);
    tell(die('late', 1));
    await until(() => ended.length === 1);
  });

  it('is opened again from the last event', async () => {
    tell(die('one', 1, (DATE_S + 5) * 1e9 + 123_456_789));
    await until(() => ended.length === 1);
    await cut();
    const since = asked()[1]!.query['since']!;
    // Not after it: another may have come in the same moment. Docker reads at most nine digits of a second.
    expect(since).toMatch(/^\d+\.\d{1,9}$/);
    expect(Number(since)).toBeGreaterThan(DATE_S + 5.1234);
    expect(Number(since)).toBeLessThanOrEqual(DATE_S + 5.123_457);
  });

  it('remembers who was out of memory before', async () => {
    tell(event('oom', 'one'));
    tell(die('two', 0));
    await until(() => ended.length === 1);
    await cut();
    tell(die('one', 137));
    await until(() => ended.length === 2);
    expect(ended[1]).toEqual(['one', { exitCode: 137, outOfMemory: true }]);
  });

  it('is opened again when the daemon is back', async () => {
    await fake.stop();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(returns).toBe(0);
    await fake.start();
    await until(() => returns === 1);
    tell(die('one', 1));
    await until(() => ended.length === 1);
  });

  it('is opened again where the daemon ends it well', async () => {
    stream!.end();
    await until(() => returns === 1);
    expect(asked()).toHaveLength(2);
  });
});

describe('events that nobody wants any more', () => {
  it('are not told, also where they had come', async () => {
    await events.open();
    tell(die('one', 137) + die('two', 1));
    await until(() => ended.length === 1);
    events.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(ended.map(([id]) => id)).toEqual(['two']);
  });

  it('are not asked for again', async () => {
    await events.open();
    const over = new Promise((resolve) => stream!.once('close', resolve));
    events.close();
    await over;
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect([asked().length, returns, ended]).toEqual([1, 0, []]);
  });

  it('are let go where they come too late', async () => {
    let answer = () => {};
    fake.on('GET /events', { write: (response) => (answer = () => begin(response)) });
    const opening = events.open();
    await until(() => asked().length === 1);
    events.close();
    answer();
    await opening;
    await until(() => stream!.destroyed);
  });
});

describe('a daemon that is away', () => {
  it('is told to who asks, and asked again by the next', async () => {
    await fake.stop();
    await expect(events.open()).rejects.toThrow('ENOENT');
    await fake.start();
    await events.open();
    tell(die('one', 1));
    await until(() => ended.length === 1);
    expect(returns).toBe(0);
  });
});
