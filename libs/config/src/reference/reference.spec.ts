import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import { settingsOf } from '../catalogue.js';
import { ConfigFolder } from '../config.harness.js';
import { configurationJsonSchema, configurationMarkdown } from './index.js';

const fileOf = (path: string) => new URL(`../../../../${path}`, import.meta.url);
const contentOf = (path: string) => readFileSync(fileOf(path), 'utf8');
const settings = settingsOf();

describe('the files that are generated', () => {
  it('are what the schema gives: npm run docs:config', () => {
    expect(contentOf('docs/configuration.md')).toBe(configurationMarkdown());
    expect(JSON.parse(contentOf('docs/config.schema.json'))).toEqual(configurationJsonSchema());
  });

  it('hold every setting, its variable and what this version does not use', () => {
    const page = configurationMarkdown();
    const unused = settings.filter(({ meta }) => meta.unused);
    expect(page.split('*Not used yet.*')).toHaveLength(unused.length + 1);
    const variables = settings.flatMap(({ meta }) => meta.env ?? []);
    expect(variables.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    expect(page).toContain('| `server.port` | `PORT` | `8080` |');
    expect(page).toContain('| — | `JWT_SECRET`, `JWT_SECRET_FILE` | required |');
  });

  it('tell editors of no setting that must not stand in the file, and of nothing but JSON schema', () => {
    const schema = JSON.stringify(configurationJsonSchema());
    expect(schema).not.toContain('jwt_secret');
    for (const name of ['expected', 'defaultText', 'unused', 'envOnly', '"env":', '"json":'])
      expect(schema).not.toContain(name);
  });
});

describe('the examples', () => {
  let folder: ConfigFolder;
  beforeEach(() => {
    folder = new ConfigFolder();
  });
  afterEach(() => folder.remove());

  it('say what the defaults are', () => {
    expect(folder.load({}, contentOf('config.example.yaml'))).toEqual(folder.load());
    const commented = contentOf('.env.example').matchAll(/^# ([A-Z_]+(?<!_FILE))=(.*)$/gm);
    const env = Object.fromEntries([...commented].map(([, name, value]) => [name, value]));
    expect(folder.load(env, '')).toEqual(folder.load());
  });

  it('hold every setting and every variable', () => {
    const example = contentOf('config.example.yaml');
    const document = parseDocument(example);
    for (const { path, meta, defaultValue } of settings) {
      if (meta.envOnly) continue;
      const inText = path.includes('[]') || defaultValue === undefined;
      const there = inText ? example.includes(`${path.at(-1)}:`) : document.hasIn(path);
      expect([path.join('.'), there]).toEqual([path.join('.'), true]);
    }
    const variables = [...contentOf('.env.example').matchAll(/^#? ?([A-Z_]+)=/gm)].map(([, name]) => name);
    const known = settings.flatMap(({ meta }) => meta.env ?? []);
    const named = (name = '') => known.includes(name) || !name.endsWith('_FILE');
    expect(variables.filter(named).toSorted()).toEqual(known.toSorted());
  });

  it('work with what they have commented out', () => {
    const all = contentOf('config.example.yaml')
      .replaceAll(/^( *)# (?=attached_databases:|tls:| {2,})/gm, '$1')
      .replaceAll(/^ *(attached_databases: \[\]|tls: \{\})\n/gm, '');
    const { duckdb, server } = folder.load({ SALES_DATABASE_URL: 'postgres://u@h/x' }, all);
    expect(server.tls?.clientCaFile).toBe('/etc/pondpilot/tls/ca.crt');
    expect(duckdb.attachedDatabases.map(({ alias }) => alias)).toEqual(['sales', 'shop']);
  });
});
