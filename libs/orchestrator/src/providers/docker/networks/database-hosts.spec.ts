import { describe, expect, it } from '@jest/globals';
import { file, server } from '../docker.harness.js';
import { databaseHosts, loopbackProblems } from './database-hosts.js';

describe('databaseHosts', () => {
  const hosts = (...databases: Parameters<typeof databaseHosts>[0]) =>
    databaseHosts(databases).map(({ host }) => host);

  it('names the hosts of servers, in whatever form they are written', () => {
    expect(
      hosts(
        server('postgres://ann:secret@db.example:5433/sales'),
        server('host=10.0.0.7 user=ann dbname=sales'),
        server('mysql://ann:secret@[2001:db8::1]/shop', 'mysql'),
      ),
    ).toEqual(['db.example', '10.0.0.7', '2001:db8::1']);
  });

  it('names each of several that one database has', () => {
    expect(databaseHosts([server('host=one,two user=ann')])).toEqual([
      { alias: 'sales', host: 'one' },
      { alias: 'sales', host: 'two' },
    ]);
  });

  it('has none for files, nor for what it can not read', () => {
    expect(hosts(file('/data/shop.sqlite'), file('/d', { type: 'duckdb' }), server('nonsense'))).toEqual([]);
  });
});

describe('loopbackProblems', () => {
  it.each([
    'postgres://ann:secret@localhost/sales',
    'postgres://ann:secret@LOCALHOST/sales',
    'host=127.0.0.1 user=ann password=secret',
    'host=127.1.2.3 user=ann password=secret',
    'postgres://ann:secret@[::1]/sales',
    'host=/var/run/postgresql user=ann password=secret',
  ])('tells that no engine reaches %s, and keeps its secrets', (text) => {
    const problems = loopbackProblems([server(text)]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^Database "sales": .* is each engine's own container.*containers reach\.$/);
    expect(problems[0]).not.toMatch(/ann|secret/);
  });

  it('looks at each of several hosts', () => {
    expect(loopbackProblems([server('host=localhost,db.example,::1 user=ann')])).toHaveLength(2);
  });

  it.each(['db.example', 'localhost.example', '10.127.0.1', 'host.docker.internal', '127.example'])(
    'has nothing against %s',
    (host) => expect(loopbackProblems([server(`host=${host} user=ann`)])).toEqual([]),
  );
});
