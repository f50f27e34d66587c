import type { DescMessage, MessageInitShape, MessageShape } from '@bufbuild/protobuf';
import { CONTROL_SECRET_KEY, EngineControl, type EngineHealthInit } from '@pondpilot/engine-api';
import { GrpcServer, decode, encode, frameMessage, type ServerCall } from '@pondpilot/flight-sql';
import { DomainError, secretsEqual } from '@pondpilot/kernel';

/** What the control service acts on. */
export interface Controlled {
  claim(owner: string, callSecret: string): void;
  drain(timeoutMs: number): Promise<number>;
  interrupt(statementId: string): number;
  /** The client connection of this id is gone, and with it whatever it alone could have gone on with. */
  connectionClosed(connectionId: string): void;
  health(): EngineHealthInit;
}

export interface ControlListener {
  readonly port: number;
  close(): Promise<void>;
}

export interface ControlOptions {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What each call must carry. */
  readonly secret: string;
  /** Called at each call that carries it. */
  readonly onControl: () => void;
}

type Methods = typeof EngineControl.method;

/** What each method does. */
type Handlers = {
  readonly [Name in keyof Methods]: (
    request: MessageShape<Methods[Name]['input']>,
  ) => Answer<Name> | Promise<Answer<Name>>;
};
type Answer<Name extends keyof Methods> = MessageInitShape<Methods[Name]['output']>;

/**
 * Starts the control service, on the server that the data port has: grpc-js's takes longer to load than DuckDB to open.
 */
export function listenControl(
  { host, port, secret, onControl }: ControlOptions,
  engine: Promise<Controlled>,
): Promise<ControlListener> {
  const handlers = engine.then(handlersFor);
  // What it fails with ends the process, or reaches the calls.
  handlers.catch(() => {});
  const handle = async (call: ServerCall) => {
    if (!secretsEqual(call.header(CONTROL_SECRET_KEY) ?? '', secret))
      throw new DomainError('unauthenticated', 'The control secret is missing or wrong.');
    onControl();
    await answer(call, await handlers);
  };
  return GrpcServer.listen({ host, port, handle });
}

async function answer(call: ServerCall, handlers: Handlers): Promise<void> {
  const method = EngineControl.methods.find(({ name }) => call.path === `/${EngineControl.typeName}/${name}`);
  if (!method) throw new DomainError('unimplemented', `${call.path} is no method of the control service.`);
  const handle = handlers[method.localName as keyof Handlers] as (request: unknown) => Answer<keyof Methods>;
  const response = await handle(decode(method.input, await call.message()));
  await call.send(frameMessage(encode<DescMessage>(method.output, response)));
  call.finish();
}

function handlersFor(engine: Controlled): Handlers {
  return {
    claim({ owner, callSecret }) {
      engine.claim(owner, callSecret);
      return {};
    },
    drain: async ({ timeoutMs }) => ({ statementsLeft: await engine.drain(timeoutMs) }),
    interrupt: ({ statementId }) => ({ interrupted: engine.interrupt(statementId) }),
    connectionClosed({ connectionId }) {
      engine.connectionClosed(connectionId);
      return {};
    },
    health: () => engine.health(),
  };
}
