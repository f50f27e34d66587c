import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Log } from '@pondpilot/observability';
import { CertificateAuthority, type KeyPair } from '@pondpilot/testing';
import { Certificates } from './certificates.js';
import { TlsFolder } from './tls.harness.js';

const authority = new CertificateAuthority();
const [first, second] = [authority.sign('first'), authority.sign('second')];
afterAll(() => authority.remove());

let folder: TlsFolder;
let certificates: Certificates;
let lines: [level: string, message: string, fields: Record<string, unknown>][];
/** The certificates that were told of. */
let told: string[];

beforeEach(() => {
  folder = new TlsFolder();
  lines = [];
  told = [];
});
afterEach(() => {
  certificates.stop();
  folder.remove();
});

const write =
  (level: string) =>
  (message: string, fields: Record<string, unknown> = {}) =>
    void lines.push([level, message, fields]);
const log = { info: write('info'), warn: write('warn'), error: write('error') } as unknown as Log;
const messages = () => lines.map(([level, message]) => `${level} ${message}`);

function follow(pair: KeyPair = first, everyMs = 10): void {
  folder.write(pair);
  certificates = Certificates.read(folder.config);
  certificates.follow(log, ({ cert }) => told.push(cert), everyMs);
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

const looks = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('files that change', () => {
  it('are told of once, with the end of the new certificate', async () => {
    follow();
    await looks();
    expect(told).toEqual([]);
    folder.write(second);
    await until(() => told.length > 0);
    await looks();
    expect(told).toEqual([second.cert]);
    expect(certificates.current.cert).toBe(second.cert);
    const not_after = expect.stringMatching(/^\d{4}-\d\d-\d\dT/);
    expect(lines).toEqual([['info', 'TLS certificate reloaded', { not_after }]]);
  });

  it('may be links to a folder that is swapped, as Kubernetes does', async () => {
    const version = (name: string, pair: KeyPair) => {
      mkdirSync(join(folder.path, name));
      writeFileSync(join(folder.path, name, 'tls.crt'), pair.cert);
      writeFileSync(join(folder.path, name, 'tls.key'), pair.key);
      symlinkSync(name, join(folder.path, 'new'));
      renameSync(join(folder.path, 'new'), join(folder.path, '..data'));
    };
    version('v1', first);
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(folder.path, name));
    certificates = Certificates.read(folder.config);
    certificates.follow(log, ({ cert }) => told.push(cert), 10);
    version('v2', second);
    await until(() => told.length > 0);
    expect(told).toEqual([second.cert]);
  });

  it('that can not be used are told of once, the old certificate stays, and a later good one is taken', async () => {
    follow();
    folder.write({ cert: second.cert });
    await until(() => lines.length > 0);
    await looks();
    expect(messages()).toEqual(['error TLS certificate not reloaded']);
    expect(lines[0]?.[2]['error']).toMatch(/tls\.key is not the key of the certificate in \S+tls\.crt$/);
    expect(certificates.current.cert).toBe(first.cert);
    folder.write({ key: second.key });
    await until(() => told.length > 0);
    expect(messages()[1]).toBe('info TLS certificate reloaded');
  });

  it('are not refused while only one of the two has been replaced', () => {
    follow(first, 1_000_000);
    folder.write({ cert: second.cert });
    const look = () => (certificates as unknown as { look(log: Log): void }).look(log);
    look();
    expect(messages()).toEqual([]);
    folder.write({ key: second.key });
    look();
    expect(messages()).toEqual(['info TLS certificate reloaded']);
  });

  it('are read at once where that is asked for, and the answer is told in any case', () => {
    follow(first, 1_000_000);
    certificates.reload(log);
    folder.write({ key: 'nothing' });
    certificates.reload(log);
    folder.write(second);
    certificates.reload(log);
    expect(messages()).toEqual([
      'info TLS certificate reloaded',
      'error TLS certificate not reloaded',
      'info TLS certificate reloaded',
    ]);
    expect(told).toEqual([first.cert, second.cert]);
  });
});

describe('the end of a certificate', () => {
  it.each([
    [-1, ['warn TLS certificate has expired']],
    // Of one for three weeks a third is left after two; so none of these is soon when it is new.
    [13, []],
    [21, []],
  ])('in %d days, of one that is new: %j', async (days, expected) => {
    follow(authority.sign('x', { days }));
    await looks();
    expect(messages()).toEqual(expected);
  });

  it('is told of when it is near', async () => {
    const day = 86_400_000;
    folder.write(first);
    certificates = Certificates.read(folder.config);
    const end = new Date(Date.now() + 13 * day);
    certificates.current = { ...certificates.current, notBefore: new Date(0), notAfter: end };
    certificates.follow(log, () => {}, 10);
    await looks();
    expect(lines).toEqual([['warn', 'TLS certificate expires soon', { not_after: end.toISOString() }]]);
  });
});
