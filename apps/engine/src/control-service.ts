import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import {
  CONTROL_SECRET_KEY,
  engineControlService,
  type EngineControlHandlers,
  type EngineHealthInit,
} from '@pondpilot/engine-api';
import { DomainError, grpcStatus, secretsEqual, toDomainError } from '@pondpilot/kernel';

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
  close(): void;
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

/** Starts the control service. */
export async function listenControl(
  { host, port: wanted, secret, onControl }: ControlOptions,
  engine: Controlled,
): Promise<ControlListener> {
  const server = new Server();
  server.addService(engineControlService, handlers({ secret, onControl }, engine));
  return new Promise((resolve, reject) => {
    server.bindAsync(`${host}:${wanted}`, ServerCredentials.createInsecure(), (error, port) =>
      error
        ? reject(new DomainError('unavailable', `Can't listen on ${host}.`, { cause: error }))
        : resolve({ port, close: () => server.forceShutdown() }),
    );
  });
}

type Guard = Pick<ControlOptions, 'secret' | 'onControl'>;

function handlers(guard: Guard, engine: Controlled): EngineControlHandlers {
  return {
    claim: guarded(guard, ({ owner, callSecret }: { owner: string; callSecret: string }) => {
      engine.claim(owner, callSecret);
      return {};
    }),
    drain: guarded(guard, async ({ timeoutMs }: { timeoutMs: number }) => ({
      statementsLeft: await engine.drain(timeoutMs),
    })),
    interrupt: guarded(guard, ({ statementId }: { statementId: string }) => ({
      interrupted: engine.interrupt(statementId),
    })),
    connectionClosed: guarded(guard, ({ connectionId }: { connectionId: string }) => {
      engine.connectionClosed(connectionId);
      return {};
    }),
    health: guarded(guard, () => engine.health()),
  };
}

function guarded<Request, Response>(
  { secret, onControl }: Guard,
  answer: (request: Request) => Response | Promise<Response>,
) {
  return (call: ServerUnaryCall<Request, Response>, reply: sendUnaryData<Response>): void => {
    const work = async (): Promise<Response> => {
      const given = call.metadata.get(CONTROL_SECRET_KEY)[0];
      if (typeof given !== 'string' || !secretsEqual(given, secret))
        throw new DomainError('unauthenticated', 'The control secret is missing or wrong.');
      onControl();
      return answer(call.request);
    };
    work().then(
      (response) => reply(null, response),
      (error: unknown) => {
        const { kind, message } = toDomainError(error);
        reply({ code: grpcStatus[kind], details: message });
      },
    );
  };
}
