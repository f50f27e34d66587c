import type { Attack } from './attack.js';
import { CALL_ATTACKS } from './calls.js';
import { PASSWORDS, TEXTS, WRITES } from './promises.js';
import { SETTING_ATTACKS } from './settings.js';
import { STATEMENT_ATTACKS } from './statements.js';
import { REWRITTEN, WITHIN } from './within.js';

/** All that is tried: each hole by each technique that fits it. */
export const ATTACKS: readonly Attack[] = [
  ...CALL_ATTACKS,
  ...STATEMENT_ATTACKS,
  ...SETTING_ATTACKS,
  ...WITHIN,
  ...REWRITTEN,
  ...PASSWORDS,
  ...TEXTS,
  ...WRITES,
];
