import type { Attack } from './attack.js';
import { settingIs } from './effects.js';

/** Settings with values that differ from those in force. */
const SETTINGS: Readonly<Record<string, (number: number) => string>> = {
  memory_limit: (n) => `'${300 + n}MiB'`,
  threads: (n) => `${2 + n}`,
  max_temp_directory_size: (n) => `'${n}GiB'`,
  max_expression_depth: (n) => `${1000 + n}`,
  home_directory: (n) => `'elsewhere${n}'`,
  extension_directory: (n) => `'elsewhere${n}'`,
  custom_extension_repository: (n) => `'http://nowhere${n}'`,
  autoload_known_extensions: () => 'true',
  autoinstall_known_extensions: () => 'true',
  errors_as_json: () => 'true',
  preserve_insertion_order: () => 'true',
  http_proxy: (n) => `'nowhere${n}'`,
  pg_connection_limit: (n) => `${100 + n}`,
  default_null_order: () => "'nulls_first'",
};

type Form = readonly [name: string, sql: (setting: string, value: string) => string];
const SETTING_FORMS: readonly Form[] = [
  ['SET', (name, value) => `SET ${name} = ${value}`],
  ['SET GLOBAL', (name, value) => `SET GLOBAL ${name} TO ${value}`],
  ['quoted name in capitals', (name, value) => `SET "${name.toUpperCase()}" = ${value}`],
  ['PRAGMA', (name, value) => `PRAGMA ${name} = ${value}`],
  ['PRAGMA with a quoted name', (name, value) => `PRAGMA "${name.toUpperCase()}" = ${value}`],
  ['EXPLAIN ANALYZE SET', (name, value) => `EXPLAIN ANALYZE SET ${name} = ${value}`],
  ['nested comment', (name, value) => `/* /* */ */ SET/**/GLOBAL/**/${name} = ${value}`],
  ['no-break space', (name, value) => `SET\u00a0${name}\u00a0=\u00a0${value}`],
];

function settingAttacks(): Attack[] {
  return Object.entries(SETTINGS).flatMap(([name, value]) => {
    const forms = name === 'memory_limit' ? SETTING_FORMS : SETTING_FORMS.slice(0, 1);
    return forms.map(([technique, sql]): Attack => ({
      hole: `the setting ${name}`,
      technique,
      without: 'locked configuration',
      steps: (_world, n) => [sql(name, value(n))],
      effect: settingIs(name),
    }));
  });
}

export const SETTING_ATTACKS: readonly Attack[] = settingAttacks();
