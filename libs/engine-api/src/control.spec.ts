import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Server, ServerCredentials, status, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { EngineControlClient, engineControlService, type EngineControlHandlers } from './control.js';
import { HealthResponse_State as EngineState } from './gen/pondpilot/engine/v1/engine_pb.js';
import { CONTROL_SECRET_KEY } from './headers.js';

type Call = ServerUnaryCall<Record<string, unknown>, object>;

class Refusal extends Error {
  constructor(
    readonly code: status,
    details: string,
  ) {
    super(details);
  }
}

/** Answers every call by its name; keeps what it was asked. */
class ControlServer {
  readonly asked: Array<{ method: string; request: Record<string, unknown>; secret: unknown }> = [];
  readonly answers: Record<string, object | undefined> = {};
  private readonly server = new Server();

  async start(): Promise<string> {
    const handler = (method: string) => (call: Call, done: sendUnaryData<object>) => {
      this.asked.push({ method, request: call.request, secret: call.metadata.get(CONTROL_SECRET_KEY)[0] });
      const answer = this.answers[method];
      // Without an answer the call hangs.
      if (answer instanceof Refusal) done({ code: answer.code, details: answer.message });
      else if (answer) done(null, answer);
    };
    const names = Object.keys(engineControlService) as Array<keyof EngineControlHandlers>;
    const handlers = Object.fromEntries(names.map((name) => [name, handler(name)]));
    this.server.addService(engineControlService, handlers as EngineControlHandlers);
    return new Promise((resolve, reject) => {
      this.server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) =>
        error ? reject(error) : resolve(`127.0.0.1:${port}`),
      );
    });
  }

  stop(): void {
    this.server.forceShutdown();
  }
}

let server: ControlServer;
let client: EngineControlClient;

beforeEach(async () => {
  server = new ControlServer();
  client = new EngineControlClient(await server.start(), 'control-secret');
});
afterEach(() => {
  client.close();
  server.stop();
});

describe('EngineControlClient', () => {
  it('claims with owner and call secret, and shows its own secret', async () => {
    server.answers['claim'] = {};
    await client.claim('owner', 'call-secret', 5000);
    expect(server.asked).toMatchObject([
      { method: 'claim', request: { owner: 'owner', callSecret: 'call-secret' }, secret: 'control-secret' },
    ]);
  });

  it('drains, and tells how many statements were left', async () => {
    server.answers['drain'] = { statementsLeft: 3 };
    expect(await client.drain(1500)).toBe(3);
    expect(server.asked[0]!.request).toMatchObject({ timeoutMs: 1500 });
  });

  it('interrupts, and tells how many statements', async () => {
    server.answers['interrupt'] = { interrupted: 2 };
    expect(await client.interrupt('statement', 5000)).toBe(2);
    expect(server.asked[0]!.request).toMatchObject({ statementId: 'statement' });
  });

  it('tells that a client connection is gone', async () => {
    server.answers['connectionClosed'] = {};
    await client.connectionClosed('proxy-7', 5000);
    expect(server.asked).toMatchObject([
      { method: 'connectionClosed', request: { connectionId: 'proxy-7' }, secret: 'control-secret' },
    ]);
  });

  it('reads health, also as a server gives it in plain fields', async () => {
    server.answers['health'] = {
      state: EngineState.SERVING,
      engineVersion: '1',
      residentBytes: 2n ** 40n,
      statements: [{ id: 's', rows: 7n }],
      databases: [{ alias: 'shop', attached: false, problem: 'down' }],
    };
    expect(await client.health(5000)).toMatchObject({
      state: EngineState.SERVING,
      engineVersion: '1',
      duckdbVersion: '',
      residentBytes: 2n ** 40n,
      statements: [{ id: 's', rows: 7n }],
      databases: [{ alias: 'shop', attached: false, problem: 'down' }],
    });
  });

  it("rejects with the server's status", async () => {
    server.answers['claim'] = new Refusal(status.FAILED_PRECONDITION, "another owner's");
    await expect(client.claim('owner', 's', 5000)).rejects.toMatchObject({
      code: status.FAILED_PRECONDITION,
      details: "another owner's",
    });
  });

  it('gives up a call that takes too long', async () => {
    await expect(client.health(50)).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });

  it('rejects at once where nobody listens', async () => {
    server.stop();
    await expect(client.health(60_000)).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });
});
