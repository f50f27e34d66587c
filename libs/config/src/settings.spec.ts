import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { settingsOf } from './catalogue.js';
import { ConfigFolder, SECRET } from './config.harness.js';
import { pathText } from './problems.js';
import { database, rows, type SettingRow } from './setting-rows.harness.js';

const NO_ROW: SettingRow = { bad: undefined, read: () => undefined };

const settings = settingsOf().map((setting) => ({
  ...setting,
  name: pathText(setting.path),
  env: setting.meta.env ?? '',
  row: rows[pathText(setting.path)] ?? NO_ROW,
}));

/**
 * A file that gives this value to this setting, with what must stand beside it, and with a database that
 * `demo_tokens.databases` can name.
 */
function fileWith(path: readonly string[], value: unknown): object {
  const tree: Record<string, unknown> = { duckdb: { attached_databases: [{ ...database }] } };
  let section: Record<string, unknown> = tree;
  for (const key of path.slice(0, -1)) {
    const next = key === '[]' ? (Object.values(section)[0] as object) : (section[key] ??= {});
    section = next as Record<string, unknown>;
  }
  const beside = value === null ? {} : rows[pathText(path)]?.beside;
  Object.assign(section, beside, { [path.at(-1) ?? '']: value });
  return tree;
}

let folder: ConfigFolder;
beforeEach(() => {
  folder = new ConfigFolder();
});
afterEach(() => folder.remove());

it('has a row for every setting of the schema, and for nothing else', () => {
  expect(Object.keys(rows).toSorted()).toEqual(settings.map(({ name }) => name).toSorted());
  for (const { name, meta, row } of settings) {
    expect([name, row.env !== undefined]).toEqual([name, meta.env !== undefined]);
    expect([name, row.file !== undefined]).toEqual([name, !meta.envOnly]);
    expect([name, 'byDefault' in row || meta.defaultText === 'required']).toEqual([name, true]);
  }
});

const inFile = settings.filter(({ meta }) => !meta.envOnly);
const byVariable = settings.filter(({ env }) => env !== '');
const secrets = settings.filter(({ meta }) => meta.secret);

describe.each(inFile)('$name in the file', ({ path, name, env, row }) => {
  it('is read', () => {
    const [given, seen] = row.file ?? [];
    expect(row.read(folder.load({}, fileWith(path, given)))).toEqual(seen);
  });

  it('is refused where it can not be, with its path', () => {
    const lines = folder.problems({}, fileWith(path, row.bad));
    const where = name.replace('[]', '[0]') + (env ? ` (${env})` : '');
    expect(lines).toContainEqual(expect.stringMatching(/must be|is not the alias/));
    expect(lines.map((line) => line.slice(0, where.length))).toContainEqual(where);
  });
});

describe.each(byVariable)('$env', ({ path, env, meta, row }) => {
  it('wins over the file', () => {
    const [given = '', seen] = row.env ?? [];
    const file = meta.envOnly ? {} : fileWith(path, row.file?.[0]);
    expect(row.read(folder.load({ [env]: given }, file))).toEqual(seen);
  });

  it('is refused where it can not be, by name', () => {
    const bad = { [env]: meta.envOnly ? 'short' : 'not \u00e4 value' };
    if (/_file$|_directory$/.test(path.at(-1) ?? '')) bad[env] = '  ';
    const beside = row.beside ? fileWith(path, row.file?.[0]) : {};
    expect(folder.problems(bad, beside)).toEqual([expect.stringMatching(new RegExp(`${env}\\)?: must be`))]);
  });
});

it.each(byVariable.filter(({ meta }) => !meta.envOnly))('an empty $env is unset', ({ path, env, row }) => {
  const [given, seen] = row.file ?? [];
  expect(row.read(folder.load({ [env]: '' }, fileWith(path, given)))).toEqual(seen);
});

describe.each(settings.filter(({ row }) => 'byDefault' in row))('$name', ({ path, row, defaultValue }) => {
  it('has its default, and the same where the file has the key without a value', () => {
    const item = path.includes('[]') ? { duckdb: { attached_databases: [database] } } : {};
    expect(row.read(folder.load({}, item))).toEqual(row.byDefault);
    expect(
      row.read(folder.load({}, fileWith(path, path.at(-1) === 'attached_databases' ? [] : null))),
    ).toEqual(row.byDefault);
    expect(defaultValue === undefined).toBe(row.byDefault === undefined);
  });
});

describe.each(secrets)('the secret $env', ({ env, meta, path, row }) => {
  it('comes from the file that is named, else the variable, else the mounted secrets, all over the file', () => {
    const [named, own, mounted] = ['n', 'o', 'm'].map((letter) => letter.repeat(40)) as [
      string,
      string,
      string,
    ];
    const yaml = meta.envOnly ? {} : fileWith(path, 'from-the-file');
    const read = (given: Record<string, string>) =>
      row.read(folder.load({ JWT_SECRET: SECRET, ...given }, yaml));
    const file = folder.write('named', `${named}\n`);
    folder.write(`secrets/${env.toLowerCase()}`, `${mounted}\n`);
    expect(read({ [env]: '' })).toBe(mounted);
    expect(read({ [env]: own })).toBe(own);
    expect(read({ [env]: own, [`${env}_FILE`]: file })).toBe(named);
  });
});
