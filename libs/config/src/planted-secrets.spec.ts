import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { settingsOf } from './catalogue.js';
import { ConfigFolder } from './config.harness.js';
import { pathText } from './problems.js';

const PLANTED = 'hunter2-planted';
/** No value of any setting, with the secret in it. */
const BAD = `  ${PLANTED}: \u00e4 `;

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

/** All that is said of such a configuration: the problems, and what libraries warn of. */
function said(env: Record<string, string>, yaml?: string | object): string {
  const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {});
  const lines = [...folder.problems(env, yaml), JSON.stringify(warned.mock.calls)];
  warned.mockRestore();
  return lines.join('\n');
}

const settings = settingsOf().map(({ path, meta }) => ({ name: pathText(path), path, env: meta.env ?? '' }));

describe.each(settings)('$name', ({ path }) => {
  it.each([
    ['a text', BAD],
    ['a key', { [PLANTED]: BAD }],
    ['a list', [BAD, { [`postgres://u:${PLANTED}@h/x`]: 1 }]],
    ['a placeholder', `${PLANTED}\${NOT_SET}`],
    ['a broken placeholder', `\${${PLANTED}`],
  ])('does not echo %s of the file', (_kind, value) => {
    const [inner, ...outer] = path.toReversed();
    const around = (child: unknown, key: string) => (key === '[]' ? [child] : { [key]: child });
    const tree = outer.reduce<unknown>(around, { [String(inner)]: value });
    expect(said({ JWT_SECRET: 'short' }, tree as object)).not.toContain(PLANTED);
  });
});

it.each(settings.filter(({ env }) => env !== ''))('does not echo $env', ({ env }) => {
  expect(said({ JWT_SECRET: 'short', [env]: BAD })).not.toContain(PLANTED);
});

it.each([
  ['an open quote', `a: "${PLANTED}`],
  ['a tab', `a:\n\t${PLANTED}: 1`],
  ['an unknown alias', `a: *${PLANTED}`],
  ['a repeated key', `a: ${PLANTED}\na: ${PLANTED}`],
  ['a broken list', `duckdb: [${PLANTED}\nb: 1`],
  ['two texts', `a: ${PLANTED}: ${PLANTED}`],
  ['a wrong tag', `a: !!int ${PLANTED}\nb: [`],
  ['a key that is a section', `a: {{${PLANTED}}}\nserver: {{{${PLANTED}}: 1}: 2}`],
  ['a key that is a connection string', `duckdb:\n  postgres://u:${PLANTED}@h/x: 1`],
  ['no mapping', PLANTED],
])('does not echo YAML with %s', (_kind, yaml) => {
  expect(said({}, yaml)).not.toContain(PLANTED);
});

it.each([
  ['postgres', `postgresql://u:${PLANTED}@:x/y`],
  ['postgres', `u:${PLANTED}`],
  ['postgres', `mysql://u:${PLANTED}@h/x`],
  ['postgres', `postgresql://u:${PLANTED}%zz@h/x`],
  ['mysql', `host=h port=${PLANTED}`],
  ['mysql', `user=${PLANTED}`],
  ['sqlite', `file:/${PLANTED}%zz`],
])('does not echo a connection string of %s: %s', (type, connection_string) => {
  const database = { alias: 'a', type, connection_string };
  const yaml = { duckdb: { attached_databases: [database] } };
  expect(said({}, yaml)).not.toContain(PLANTED);
  expect(folder.problems({}, yaml)).toEqual([
    expect.stringMatching(/^duckdb\.attached_databases\[0\]\.connection_string: is not one of /),
  ]);
});

it('does not echo what secret files hold', () => {
  const named = folder.write('named', PLANTED);
  folder.write('secrets/claude_api_key', `two ${PLANTED}`);
  expect(said({ JWT_SECRET_FILE: named })).not.toContain(PLANTED);
});
