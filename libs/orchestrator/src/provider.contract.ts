import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError } from '@pondpilot/kernel';
import { EngineControlClient, EngineState } from '@pondpilot/engine-api';
import type { EngineDeath, EngineProvider, LaunchSpec, RunningEngine } from './provider.js';

const ANSWER_MS = 10_000;
const SOON_MS = 2000;
const TEST_MS = 60_000;

/** A provider as a test has it in hand. */
export interface ProviderUnderTest {
  readonly provider: EngineProvider;
  readonly spec: LaunchSpec;
  /** Ends an engine behind the provider's back, at once. */
  kill(engineId: string): Promise<void> | void;
}

export interface ProviderMakers {
  /** A provider whose engines work. */
  make(): Promise<ProviderUnderTest>;
  /** One that can be used, but whose engines end during their start. */
  makeFailing(): Promise<ProviderUnderTest>;
}

/** What every provider keeps; call it at the top of a spec. Closes what it makes. */
export function describeProvider(name: string, makers: ProviderMakers): void {
  describe(`${name}: a provider`, () => {
    let tested: ProviderUnderTest;
    let deaths: EngineDeath[];

    const launch = () => tested.provider.launch(tested.spec);
    const use = async (made: Promise<ProviderUnderTest>) => {
      tested = await made;
      deaths = [];
      tested.provider.onDeath((death) => deaths.push(death));
    };

    beforeEach(() => use(makers.make()), TEST_MS);
    afterEach(() => tested.provider.close(), TEST_MS);

    it(
      'is usable, and starts engines that answer on both ports to who knows the secret',
      async () => {
        expect(await tested.provider.check()).toMatchObject({ usable: true });
        const engine = await launch();
        expect(await stateOf(engine)).toBe(EngineState.UNCLAIMED);
        expect(await accepts(engine, engine.port)).toBe(true);
        await expect(stateOf({ ...engine, controlSecret: 'another' })).rejects.toThrow(/UNAUTHENTICATED/);
      },
      TEST_MS,
    );

    it(
      'gives engines that start at once different ids and ports, and lists them all',
      async () => {
        expect(await tested.provider.list()).toEqual([]);
        const engines = await Promise.all([launch(), launch(), launch()]);
        expect(new Set(engines.map(({ id }) => id)).size).toBe(3);
        expect(
          new Set(
            engines.flatMap(({ host, port, controlPort }) => [`${host}:${port}`, `${host}:${controlPort}`]),
          ).size,
        ).toBe(6);
        expect(new Set(engines.map(({ controlSecret }) => controlSecret)).size).toBe(3);
        expect((await tested.provider.list()).toSorted()).toEqual(engines.map(({ id }) => id).toSorted());
      },
      TEST_MS,
    );

    it(
      'stops an engine entirely, and tells no death of it',
      async () => {
        const [kept, stopped] = await Promise.all([launch(), launch()]);
        await Promise.all([
          tested.provider.stop(stopped.id, 'idle_timeout'),
          tested.provider.stop(stopped.id, 'shutdown'),
        ]);
        expect(await tested.provider.list()).toEqual([kept.id]);
        expect(await answers(stopped)).toBe(false);
        expect(await stateOf(kept)).toBe(EngineState.UNCLAIMED);
        await tested.provider.stop(stopped.id, 'shutdown');
        expect(deaths).toEqual([]);
      },
      TEST_MS,
    );

    it('takes the stop of an engine that it does not know as done', async () => {
      await expect(tested.provider.stop('0000000000000000', 'broken')).resolves.toBeUndefined();
    });

    it(
      'tells the death of an engine once, to those who still listen, and has nothing left of it',
      async () => {
        const unwanted: EngineDeath[] = [];
        const stopListening = tested.provider.onDeath((death) => unwanted.push(death));
        stopListening();
        const [killed, kept] = await Promise.all([launch(), launch()]);
        const told = new Promise<EngineDeath>((resolve) => tested.provider.onDeath(resolve));
        await tested.kill(killed.id);
        expect(await told).toMatchObject({ engineId: killed.id, cause: 'killed' });
        await tested.provider.stop(killed.id, 'broken');
        expect(await tested.provider.list()).toEqual([kept.id]);
        expect(deaths).toHaveLength(1);
        expect(unwanted).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'leaves nothing of a start that fails, and says why in the cause',
      async () => {
        await tested.provider.close();
        await use(makers.makeFailing());
        const failure: unknown = await launch().catch((error: unknown) => error);
        expect(failure).toBeInstanceOf(DomainError);
        expect(failure).toMatchObject({ kind: 'unavailable', cause: expect.any(Error) });
        expect(await tested.provider.list()).toEqual([]);
        expect(deaths).toEqual([]);
      },
      TEST_MS,
    );

    it(
      'ends all engines when it is closed, those that are starting included, and starts no more',
      async () => {
        const running = await launch();
        const starting = launch().then(
          (engine) => engine,
          () => undefined,
        );
        await tested.provider.close();
        const late = await starting;
        expect(await answers(running)).toBe(false);
        expect(late !== undefined && (await answers(late))).toBe(false);
        expect(await tested.provider.list()).toEqual([]);
        await expect(launch()).rejects.toMatchObject({ kind: 'unavailable' });
        expect(deaths).toEqual([]);
      },
      TEST_MS,
    );
  });
}

/** Not only a connection: where an address is nobody's any more, whatever is in the way may take one. */
function answers(engine: RunningEngine): Promise<boolean> {
  return stateOf(engine, SOON_MS).then(
    () => true,
    () => false,
  );
}

async function stateOf(engine: RunningEngine, timeoutMs = ANSWER_MS): Promise<EngineState> {
  const control = new EngineControlClient(`${engine.host}:${engine.controlPort}`, engine.controlSecret);
  try {
    return (await control.health(timeoutMs)).state;
  } finally {
    control.close();
  }
}

async function accepts(engine: RunningEngine, port: number): Promise<boolean> {
  const socket = connect(port, engine.host);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
