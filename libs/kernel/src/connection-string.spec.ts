import { describe, expect, it } from '@jest/globals';
import { parseConnectionString, parseFilePath } from './connection-string.js';

const address = {
  host: 'db.example',
  port: 5432,
  user: 'ann',
  password: 'secret',
  database: 'sales',
  options: {},
};

describe('parseConnectionString', () => {
  it.each([
    ['postgresql://ann:secret@db.example/sales', address],
    [
      'postgres://ann:secret@db.example:5433/sales?sslmode=require',
      { ...address, port: 5433, options: { sslmode: 'require' } },
    ],
    ['host=db.example user=ann password=secret dbname=sales', address],
    [
      `host = db.example user=ann password='it\\'s a \\\\ secret' dbname=sales`,
      { ...address, password: `it's a \\ secret` },
    ],
    ['postgresql://ann:p%40ss%3Aw%2Frd%25@db.example/sales', { ...address, password: 'p@ss:w/rd%' }],
    ['postgresql://db.example', { ...address, user: undefined, password: undefined, database: undefined }],
    ['postgresql://ann:secret@[::1]:5432/sales', { ...address, host: '::1' }],
    ['postgresql:///sales?host=db.example&user=ann&password=secret', address],
  ])('reads %s', (text, expected) => expect(parseConnectionString('postgres', text)).toEqual(expected));

  it.each([
    [
      'mysql://ann:secret@db.example/sales?ssl-mode=REQUIRED',
      { ...address, port: 3306, options: { ssl_mode: 'REQUIRED' } },
    ],
    ['host=db.example user=ann passwd=secret db=sales port=0', { ...address, port: 3306 }],
    [
      `host=db.example user=ann password="a \\"b\\\\" database=sales`,
      { ...address, port: 3306, password: 'a "b\\' },
    ],
    ['mariadb://ann:secret@db.example:3307/sales', { ...address, port: 3307 }],
  ])('reads %s', (text, expected) => expect(parseConnectionString('mysql', text)).toEqual(expected));

  it.each([
    'mysql://ann:hunter2@db.example/sales',
    'postgresql://ann:hunter2@db.example:99999/sales',
    'postgresql://ann:hunter2%zz@db.example/sales',
    'host=db.example password=hunter2 and more',
    'password=hunter2',
    'postgresql://ann:hun/ter2@db.example',
    'hunter2',
  ])('tells a problem of %s without repeating it', (text) => {
    const parsed = parseConnectionString('postgres', text);
    expect(parsed).toHaveProperty('problem');
    expect(JSON.stringify(parsed)).not.toMatch(/hunter2|hun\/ter2|ann/);
  });
});

describe('parseFilePath', () => {
  it.each([
    ['data/shop.duckdb', 'data/shop.duckdb'],
    ['/srv/shop.sqlite', '/srv/shop.sqlite'],
    ['sqlite:///srv/shop.sqlite', '/srv/shop.sqlite'],
    ['sqlite:shop.sqlite', 'shop.sqlite'],
    ['duckdb:///srv/a%20b.duckdb', '/srv/a b.duckdb'],
    ['file:/srv/shop.sqlite?mode=ro', '/srv/shop.sqlite'],
  ])('%s is %s', (text, path) => expect(parseFilePath(text)).toBe(path));
});
