/** What one statement may take. */
export interface StatementLimits {
  /** Milliseconds from its start until its result has been sent. */
  readonly statementTimeMs: number;
  /** Bytes of its text as UTF-8. */
  readonly statementBytes: number;
  /** Rows and Arrow bytes of its result; 0: any number. */
  readonly resultRows: number;
  readonly resultBytes: number;
  /** How many may run at the same time. */
  readonly concurrentStatements: number;
}

/** What an engine grants its user. */
export interface EngineLimits extends StatementLimits {
  /** A transaction without a statement for so many milliseconds is rolled back. */
  readonly transactionIdleMs: number;
  /** A result of which nobody has read anything for so many milliseconds is ended. */
  readonly streamStallMs: number;
}

/** Limits that no test meets unless it changes them. */
export const GENEROUS_LIMITS: EngineLimits = Object.freeze({
  statementTimeMs: 600_000,
  statementBytes: 16 * 1024 ** 2,
  resultRows: 0,
  resultBytes: 0,
  concurrentStatements: 64,
  transactionIdleMs: 300_000,
  streamStallMs: 300_000,
});
