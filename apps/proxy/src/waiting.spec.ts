import { connect, type IncomingHttpHeaders } from 'node:http2';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  flightInfo,
  open,
  startProxy,
  statusOf,
  tokenFor,
  until,
  type RunningProxy,
} from './proxy.harness.js';

const DEADLINE_EXCEEDED = '4';
const UNAVAILABLE = 14;

let proxy: RunningProxy;
beforeEach(async () => {
  proxy = await startProxy();
  proxy.orchestrator.gate = new Promise(() => {});
  proxy.orchestrator.waiting = { step: 'attaching' };
});
afterEach(() => proxy.stop());

const headers = () => ({ authorization: `Bearer ${tokenFor('ada')}` });

/** The end of a call with this deadline, of a client that leaves it to the server. */
async function endAfter(timeout: string): Promise<IncomingHttpHeaders> {
  const session = connect(`http://127.0.0.1:${proxy.server.grpcPort}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': flightInfo,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-timeout': timeout,
    ...headers(),
  });
  const answer = await new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve));
  session.destroy();
  return answer;
}

describe('a call that ends while its engine is waited for', () => {
  it('by its deadline says what it waited for', async () => {
    const end = await endAfter('300m');
    expect(end['grpc-status']).toBe(DEADLINE_EXCEEDED);
    expect(end['grpc-message']).toMatch(
      /^The deadline .* has passed\. The call waited 0\.[23] s; your engine was attaching its databases\.$/,
    );
    await until(() => proxy.orchestrator.signal!.aborted);
  });

  it('by its deadline says so much also where nothing is known of the wait', async () => {
    proxy.orchestrator.waiting = undefined;
    expect((await endAfter('200m'))['grpc-message']).toMatch(/ The call waited 0\.\d s for your engine\.$/);
  });

  it('by the end of the proxy says what it waited for', async () => {
    proxy.orchestrator.waiting = { step: 'queued', place: 2 };
    const call = open(proxy.client(), flightInfo, headers());
    const status = statusOf(call);
    await until(() => proxy.orchestrator.owners.length === 1);
    const stopped = proxy.server.drain(100);
    expect(await status).toMatchObject({
      code: UNAVAILABLE,
      details: expect.stringMatching(/^The proxy is stopping\. .* you were number 2 of those who wait/),
    });
    await stopped;
  });
});
