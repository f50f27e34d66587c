const LEADING_COMMENTS = String.raw`(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*`;
const BEGIN = new RegExp(`^${LEADING_COMMENTS}(?:begin|start\\s+transaction)\\b`, 'i');
const END = new RegExp(`^${LEADING_COMMENTS}(?:commit|rollback|abort|end)\\b`, 'i');

/** Whether a statement begins or ends a transaction. */
export function transactionVerb(sql: string): 'begin' | 'end' | undefined {
  if (BEGIN.test(sql)) return 'begin';
  return END.test(sql) ? 'end' : undefined;
}
