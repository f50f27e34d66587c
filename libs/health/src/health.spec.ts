import { Test } from '@nestjs/testing';
import { Module, type INestApplication } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DomainError, ManualClock } from '@pondpilot/kernel';
import { Orchestrator, type EngineLease, type OrchestratorStatistics } from '@pondpilot/orchestrator';
import { HealthModule } from './health.module.js';
import { HealthWatch } from './health-watch.js';
import { Lifecycle } from './lifecycle.js';
import { HEALTH_CLOCK, ISOLATION } from './tokens.js';

class FakeOrchestrator extends Orchestrator {
  figures: OrchestratorStatistics = {
    active: 5,
    spare: 1,
    waiting: { queued: 2, attaching: 1 },
    totalSpawned: 127,
    totalStopped: 122,
    lastFailure: undefined,
  };
  answer: () => Promise<Awaited<ReturnType<Orchestrator['check']>>> = async () => ({
    provider: 'process',
    usable: true,
  });
  checks = 0;

  override acquire(): Promise<EngineLease> {
    return Promise.reject(new DomainError('unavailable', 'none here'));
  }

  override connectionClosed(): void {}

  override async reasonOfEnd(): Promise<undefined> {}

  override waitOf(): undefined {}

  override statistics(): OrchestratorStatistics {
    return this.figures;
  }

  override check() {
    this.checks += 1;
    return this.answer();
  }
}

@Module({})
class FakeEngines {}

let app: INestApplication;
let url: string;
let orchestrator: FakeOrchestrator;
let lifecycle: Lifecycle;
let clock: ManualClock;

beforeEach(async () => {
  orchestrator = new FakeOrchestrator();
  clock = new ManualClock();
  const engines = {
    module: FakeEngines,
    providers: [
      { provide: Orchestrator, useValue: orchestrator },
      { provide: ISOLATION, useValue: () => ({ isolation: 'process', sandbox: ['rlimits'] }) },
    ],
    exports: [Orchestrator, ISOLATION],
  };
  const module = await Test.createTestingModule({ imports: [HealthModule.forRoot({ imports: [engines] })] })
    .overrideProvider(HEALTH_CLOCK)
    .useValue(clock)
    .compile();
  app = module.createNestApplication({ logger: false });
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
  lifecycle = app.get(Lifecycle);
});
afterEach(() => app.close());

async function get(path: string): Promise<[number, string]> {
  const response = await fetch(url + path);
  return [response.status, await response.text()];
}

const notReady = (reason: string) => [503, JSON.stringify({ ready: false, reason })];

describe('/health', () => {
  it('answers the same whatever the state', async () => {
    expect(await get('/health')).toEqual([200, '{"status":"healthy"}']);
    lifecycle.drain();
    expect(await get('/health')).toEqual([200, '{"status":"healthy"}']);
  });
});

describe('/ready', () => {
  it('follows the lifecycle, which never goes back', async () => {
    expect(await get('/ready')).toEqual(notReady('The server is starting.'));
    lifecycle.serve();
    expect(await get('/ready')).toEqual([200, '{"ready":true}']);
    lifecycle.drain();
    lifecycle.serve();
    expect(await get('/ready')).toEqual(notReady('The server is shutting down.'));
  });

  it('tells why the provider is not usable', async () => {
    lifecycle.serve();
    orchestrator.answer = async () => ({
      provider: 'process',
      usable: false,
      problem: 'Build the engine first.',
    });
    expect(await get('/ready')).toEqual(notReady('Build the engine first.'));
    orchestrator.answer = () => Promise.reject(new Error('planted'));
    clock.advance(1000);
    expect(await get('/ready')).toEqual(notReady('The engine provider could not be checked.'));
  });

  it('asks the provider once a second, however many ask', async () => {
    lifecycle.serve();
    await Promise.all(Array.from({ length: 20 }, () => get('/ready')));
    expect(orchestrator.checks).toBe(1);
    clock.advance(1000);
    await get('/ready');
    expect(orchestrator.checks).toBe(2);
  });

  it('is not ready after a failed start, but for half a minute only, and not after a good one', async () => {
    lifecycle.serve();
    orchestrator.figures = { ...orchestrator.figures, lastFailure: 'planted reason' };
    const [status, body] = await get('/ready');
    expect([status, body.includes('Container spawn failed'), body.includes('planted')]).toEqual([
      503,
      true,
      false,
    ]);
    clock.advance(30_000);
    expect(await get('/ready')).toEqual([200, '{"ready":true}']);
    orchestrator.figures = { ...orchestrator.figures, lastFailure: 'another' };
    expect((await get('/ready'))[0]).toBe(503);
    orchestrator.figures = { ...orchestrator.figures, lastFailure: undefined };
    expect((await get('/ready'))[0]).toBe(200);
  });
});

describe('/health/detailed', () => {
  it('has the figures and the components', async () => {
    lifecycle.serve();
    const [status, body] = await get('/health/detailed');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toEqual({
      status: 'healthy',
      containers: {
        active: 5,
        total_spawned: 127,
        total_stopped: 122,
        spare: 1,
        waiting: { queued: 2, attaching: 1 },
      },
      uptime_seconds: expect.any(Number),
      components: {
        server: { status: 'up' },
        provider: { status: 'up', name: 'process', isolation: 'process', sandbox: ['rlimits'] },
        engines: { status: 'up' },
      },
    });
  });

  it('answers 200 and says what is down', async () => {
    lifecycle.serve();
    orchestrator.answer = async () => ({ provider: 'process', usable: false, problem: 'Build it.' });
    orchestrator.figures = { ...orchestrator.figures, lastFailure: 'user ada at postgres://u:p@h' };
    const [status, body] = await get('/health/detailed');
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({
      status: 'unhealthy',
      components: { provider: { status: 'down', reason: 'Build it.' }, engines: { status: 'down' } },
    });
    expect(body).not.toContain('ada');
  });
});

describe('the watched health', () => {
  it('tells the state, each change, and the end', async () => {
    const told: boolean[] = [];
    const watching = (async () => {
      for await (const ready of app.get(HealthWatch).ready(new AbortController().signal)) {
        told.push(ready);
        if (told.length === 1) lifecycle.serve();
        if (told.length === 2) lifecycle.drain();
      }
    })();
    await expect(watching).rejects.toMatchObject({ kind: 'unavailable' });
    expect(told).toEqual([false, true, false]);
  });

  it('looks at the provider from time to time, and stops when nobody listens', async () => {
    lifecycle.serve();
    const aborter = new AbortController();
    const watch = app.get(HealthWatch).ready(aborter.signal);
    expect((await watch.next()).value).toBe(true);
    orchestrator.answer = async () => ({ provider: 'process', usable: false });
    const change = watch.next();
    await Promise.resolve();
    clock.advance(2000);
    expect((await change).value).toBe(false);
    const end = watch.next();
    aborter.abort();
    expect((await end).done).toBe(true);
  });
});
