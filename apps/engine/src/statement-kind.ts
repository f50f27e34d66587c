const LEADING_COMMENTS = String.raw`(?:\s|--[^\n]*\n|/\*(?:[^*]|\*(?!/))*\*/)*`;
const starts = (words: string) => new RegExp(`^${LEADING_COMMENTS}(?:${words})\\b`, 'i');

/** What a statement does to its session, told by its first words. */
export type StatementKind = 'begin' | 'end' | 'settings' | 'temporary' | 'other';

const KINDS: readonly (readonly [StatementKind, RegExp])[] = [
  ['begin', starts('begin|start\\s+transaction')],
  ['end', starts('commit|rollback|abort|end')],
  ['settings', starts('use|set|reset')],
  ['temporary', starts('create\\s+(?:or\\s+replace\\s+)?(?:temp|temporary)')],
];

/**
 * Whether a statement begins or ends a transaction, changes the session's settings or variables, or makes something
 * that only its session sees.
 */
export function statementKind(sql: string): StatementKind {
  return KINDS.find(([, pattern]) => pattern.test(sql))?.[0] ?? 'other';
}
