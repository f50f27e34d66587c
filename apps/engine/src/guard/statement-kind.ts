import { firstWords } from './lexer.js';

/** What a statement does to its session, told by its first words. */
export type StatementKind = 'begin' | 'end' | 'settings' | 'temporary' | 'other';

const KINDS: Readonly<Record<string, StatementKind>> = {
  begin: 'begin',
  start: 'begin',
  commit: 'end',
  rollback: 'end',
  abort: 'end',
  end: 'end',
  use: 'settings',
  set: 'settings',
  reset: 'settings',
};

/**
 * Whether a statement begins or ends a transaction, changes the session's settings or variables, or makes something
 * that only its session sees.
 */
export function statementKind(sql: string): StatementKind {
  const [first = '', second = '', third, fourth] = firstWords(sql, 4);
  if (first === 'prepare') return 'temporary';
  if ((first === 'set' || first === 'reset') && second === 'variable') return 'temporary';
  if (first !== 'create') return KINDS[first] ?? 'other';
  const what = second === 'or' && third === 'replace' ? fourth : second;
  return what === 'temp' || what === 'temporary' ? 'temporary' : 'other';
}
