import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { until } from './docker.harness.js';
import { FakeDaemon } from './fake-daemon.harness.js';
import { EngineImage } from './image.js';
import { WrongConfiguration } from './wrong-configuration.js';

const NAME = 'registry.example/engine:1';
const MINUTE = 60_000;
let fake: FakeDaemon;
let image: EngineImage;
let now = 1_000_000;

beforeEach(async () => {
  fake = new FakeDaemon();
  await fake.start();
  image = new EngineImage(fake.daemon, NAME);
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(async () => {
  jest.restoreAllMocks();
  await fake.stop();
});

const isThere = (labels: Record<string, string> | null) =>
  fake.on(`GET /images/${NAME}/json`, [200, { Id: 'sha256:1', Config: { Labels: labels } }]);
const pulls = () => fake.asked('POST /images/create');
const pulled = (...progress: object[]) =>
  fake.on('POST /images/create', {
    write: (response) => void response.end(progress.map((each) => `${JSON.stringify(each)}\r\n`).join('')),
  });
const problem = () => image.id().then(String, (error: Error) => error.message);

describe('the image of engines', () => {
  it('is known by its label', async () => {
    isThere({ 'io.pondpilot.engine': '1' });
    expect(await image.id()).toBe('sha256:1');
    expect(pulls()).toEqual([]);
  });

  it.each([[null], [{}], [{ 'io.pondpilot.engine': '0' }]])(
    'is refused with labels %j, and ours is named',
    async (labels) => {
      isThere(labels);
      const refused = image.id();
      await expect(refused).rejects.toBeInstanceOf(WrongConfiguration);
      await expect(refused).rejects.toThrow(
        /registry\.example\/engine:1 .*CONTAINER_IMAGE.* lacks the label io\.pondpilot\.engine=1\. Use ghcr\.io\/pondpilot\/engine:latest/,
      );
    },
  );

  it('is taken for granted where a socket proxy does not show images', async () => {
    fake.on(`GET /images/${NAME}/json`, [403, { message: 'Request forbidden' }]);
    expect(await image.id()).toBeUndefined();
  });

  it('is not said to be missing where the daemon is', async () => {
    fake.on(`GET /images/${NAME}/json`, [500, { message: 'on fire' }]);
    await expect(image.id()).rejects.toThrow('on fire');
    expect(pulls()).toEqual([]);
  });
});

describe('an image that is missing', () => {
  it('is pulled, its tag alone, and what to do by hand is told', async () => {
    let finish = () => {};
    fake.on('POST /images/create', { write: (response) => (finish = () => void response.end('{}')) });
    const missing = image.id();
    await expect(missing).rejects.not.toBeInstanceOf(WrongConfiguration);
    expect(await problem()).toBe(
      `The engines' image ${NAME} is not there. It is being pulled; by hand: docker pull ${NAME}, or in the sources: docker build --target engine -t ${NAME} .`,
    );
    await until(() => pulls().length > 0);
    expect(pulls()).toMatchObject([{ query: { fromImage: 'registry.example/engine', tag: '1' } }]);
    isThere({ 'io.pondpilot.engine': '1' });
    finish();
    expect(await image.id()).toBe('sha256:1');
  });

  it.each([
    [
      'the registry refuses',
      () => pulled({ status: 'Pulling' }, { error: 'pull access denied\n for engine' }),
    ],
    [
      'the daemon refuses',
      () => fake.on('POST /images/create', [404, { message: 'pull access denied for engine' }]),
    ],
  ])('says why in one line where %s', async (_who, refuse) => {
    refuse();
    await problem();
    await until(async () => (await problem()).includes('failed'));
    expect(await problem()).toMatch(
      /Pulling it failed: .*pull access denied for engine; by hand: docker pull/,
    );
  });

  it('is not said to have come where the connection is cut', async () => {
    fake.on('POST /images/create', {
      write: (response) => response.write('{"status":"Pulling"}\r\nno json\r\n', () => fake.cut()),
    });
    await problem();
    await until(async () => (await problem()).includes('failed'));
    expect(await problem()).toMatch(/Pulling it failed: (?!it is gone)/);
  });

  it('is pulled once a minute, however often it is asked for', async () => {
    pulled({ error: 'denied' });
    await Promise.all([problem(), problem(), problem()]);
    await until(async () => (await problem()).includes('failed'));
    now += MINUTE - 1;
    await problem();
    expect(pulls()).toHaveLength(1);
    now += 1;
    expect(await problem()).toContain('It is being pulled');
    await until(() => pulls().length === 2);
  });

  it('may be gone again after it came', async () => {
    pulled({ status: 'Downloaded newer image' });
    await problem();
    await until(async () => (await problem()).includes('Pulling it failed: it is gone again'));
    expect(pulls()).toHaveLength(1);
  });
});
