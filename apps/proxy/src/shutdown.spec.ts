import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type * as grpc from '@grpc/grpc-js';
import {
  HealthCheckRequestSchema,
  HealthCheckResponseSchema,
  HealthCheckResponse_ServingStatus as Status,
} from '@pondpilot/flight-sql';
import {
  ask,
  doGet,
  flightInfo,
  open,
  startProxy,
  statusOf,
  tokenFor,
  until,
  type RunningProxy,
} from './proxy.harness.js';

const CHECK = '/grpc.health.v1.Health/Check';
const WATCH = '/grpc.health.v1.Health/Watch';

let proxy: RunningProxy;
let client: grpc.Client;
beforeEach(async () => {
  proxy = await startProxy();
  client = proxy.client();
});
afterEach(() => proxy.stop());

const about = (service: string) =>
  Buffer.from(toBinary(HealthCheckRequestSchema, create(HealthCheckRequestSchema, { service })));
const statusIn = (bytes: Uint8Array | undefined) =>
  fromBinary(HealthCheckResponseSchema, bytes ?? new Uint8Array()).status;
const headers = () => ({ authorization: `Bearer ${tokenFor('ada')}` });

describe('the start', () => {
  it('is told in the log, with the ports', () => {
    const { grpcPort, httpPort } = proxy.server;
    expect(proxy.logs).toEqual([
      expect.stringMatching(/^level=info msg="Containers are isolated" /),
      expect.stringMatching(new RegExp(`^level=info msg="gRPC server listening" port=${grpcPort} time=`)),
      expect.stringMatching(new RegExp(`^level=info msg="HTTP server listening" port=${httpPort} time=`)),
    ]);
  });

  it.each(['port', 'grpcPort'] as const)('names the setting where the %s is taken', async (which) => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const ports = { port: 0, grpcPort: 0, [which]: (squatter.address() as AddressInfo).port };
    const variable = which === 'port' ? 'PORT' : 'GRPC_PORT';
    await expect(startProxy({ ports })).rejects.toMatchObject({
      kind: 'failed_precondition',
      message: expect.stringMatching(new RegExp(`is taken; set ${variable}$`)),
    });
    squatter.close();
  });
});

describe('gRPC health', () => {
  it('answers anyone, for the server and for its services', async () => {
    for (const service of ['', 'arrow.flight.protocol.FlightService']) {
      expect(statusIn((await ask(client, CHECK, {}, about(service))).message)).toBe(Status.SERVING);
    }
  });

  it('does not know other services, and lets them be watched', async () => {
    expect((await ask(client, CHECK, {}, about('other'))).status.code).toBe(5);
    const watch = open(client, WATCH, {}, about('other'));
    const [first] = (await once(watch, 'data')) as [Buffer];
    expect(statusIn(first)).toBe(Status.SERVICE_UNKNOWN);
    watch.cancel();
  });

  it('refuses what is no request', async () => {
    expect((await ask(client, CHECK, {}, Buffer.from([255, 255]))).status.code).toBe(3);
  });

  it('tells watchers of the shutdown, which they do not hold up', async () => {
    const watch = open(client, WATCH, {}, about(''));
    const told: Status[] = [];
    watch.on('data', (bytes: Buffer) => told.push(statusIn(bytes)));
    await until(() => told.length === 1);
    await proxy.server.drain(60_000);
    expect(told).toEqual([Status.SERVING, Status.NOT_SERVING]);
  });
});

describe('the end', () => {
  it('lets a stream in flight finish, takes no new call, and says meanwhile that it is not ready', async () => {
    const received: string[] = [];
    const stream = open(client, doGet, headers());
    stream.on('data', (bytes: Buffer) => received.push(String(bytes)));
    await until(() => received.length === 1);
    const status = statusOf(stream);
    const stopped = proxy.server.drain(60_000);
    const ready = await fetch(`${proxy.url}/ready`);
    expect([ready.status, await ready.text()]).toEqual([
      503,
      '{"ready":false,"reason":"The server is shutting down."}',
    ]);
    expect((await ask(proxy.client(), flightInfo, headers())).status.code).toBe(14);
    proxy.engine.finishStream();
    expect(await status).toMatchObject({ code: 0 });
    expect(received).toEqual(['first', 'last']);
    await stopped;
    await expect(fetch(`${proxy.url}/health`)).rejects.toThrow('fetch failed');
    expect(proxy.orchestrator.held).toBe(0);
  });

  it('cuts a stream that takes longer than its grace', async () => {
    const stream = open(client, doGet, headers());
    await once(stream, 'data');
    const status = statusOf(stream);
    await proxy.server.drain(50);
    expect(await status).toMatchObject({ code: 14 });
    expect(proxy.orchestrator.held).toBe(0);
  });
});
