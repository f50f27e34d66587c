import {
  ActionBeginSavepointRequestSchema,
  ActionBeginTransactionRequestSchema,
  ActionBeginTransactionResultSchema,
  ActionEndSavepointRequestSchema,
  ActionEndTransactionRequestSchema,
  ActionEndTransactionRequest_EndTransaction as EndTransaction,
  action,
  type Handlers,
} from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';
import { originOf } from '../call-origin.js';
import type { CommandParts } from './parts.js';

/** Transactions by action. DuckDB has no savepoints. */
export function transactionCommands({ sessions, catalog }: CommandParts): Handlers {
  return {
    actions: [
      action({
        type: 'BeginTransaction',
        description: 'Begins a transaction. Body: ActionBeginTransactionRequest in an Any.',
        request: ActionBeginTransactionRequestSchema,
        response: ActionBeginTransactionResultSchema,
        run: async (_request, call) => {
          const { session, connection } = originOf(call);
          const { id } = await (await sessions.get(session)).begin(connection);
          return { transactionId: Buffer.from(id) };
        },
      }),
      action({
        type: 'EndTransaction',
        description: 'Commits or rolls a transaction back. Body: ActionEndTransactionRequest in an Any.',
        request: ActionEndTransactionRequestSchema,
        run: async ({ transactionId, action: how }, call) => {
          if (how === EndTransaction.UNSPECIFIED)
            throw new DomainError('invalid_argument', 'EndTransaction must say COMMIT or ROLLBACK.');
          const session = await sessions.get(originOf(call).session);
          try {
            await session.end(Buffer.from(transactionId).toString('latin1'), how === EndTransaction.COMMIT);
          } finally {
            catalog.changed();
          }
        },
      }),
      action({
        type: 'BeginSavepoint',
        description: 'Not supported: DuckDB has no savepoints.',
        request: ActionBeginSavepointRequestSchema,
        run: noSavepoints,
      }),
      action({
        type: 'EndSavepoint',
        description: 'Not supported: DuckDB has no savepoints.',
        request: ActionEndSavepointRequestSchema,
        run: noSavepoints,
      }),
    ],
  };
}

function noSavepoints(): Promise<never> {
  return Promise.reject(
    new DomainError('unimplemented', 'DuckDB has no savepoints. Use a transaction of its own for each step.'),
  );
}
