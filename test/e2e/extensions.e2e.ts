import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ExtensionMirror } from './support/extension-mirror.js';
import { FlightClient } from './support/flight.js';
import { prepared } from './support/prepared.js';
import { Product } from './support/product.js';

describe('duckdb.extensions', () => {
  it('loads what it names, for every user', async () => {
    const product = await Product.start({}, { extensions: ['tpch', 'arrow'] });
    const client = new FlightClient(product.grpcPort, product.token('ada'));
    try {
      const rows = await client.query('SELECT count(*)::INTEGER AS n FROM tpch_queries()');
      expect(rows).toEqual([{ n: 22 }]);
      await expect(client.query('LOAD fts')).rejects.toMatchObject({ code: expect.any(Number) });
    } finally {
      client.close();
      await product.stop();
    }
  });
});

describe('scripts/extensions.mjs', () => {
  const inside = 'v1.5.5/linux_amd64';
  const original = (name: string) =>
    readFileSync(join(prepared.extensions, inside, `${name}.duckdb_extension`));
  let folder: string;
  const file = (name: string) => join(folder, 'into', inside, `${name}.duckdb_extension`);
  const pipWasCalled = () => existsSync(join(folder, 'called'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'extensions-'));
    mkdirSync(join(folder, 'bin'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** What the script says, without the lines that show how it gets on. */
  interface Fetched {
    readonly code: number;
    readonly lines: readonly string[];
  }

  function fetchExtension(name: string, env: Record<string, string>): Promise<Fetched> {
    const args = ['scripts/extensions.mjs', '--into', join(folder, 'into'), name];
    return new Promise((done) =>
      execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
        done({
          code: error ? Number(error.code) : 0,
          lines: (stdout + stderr).split('\n').filter((line) => line !== '' && !/^[…✔✖]/.test(line)),
        }),
      ),
    );
  }

  /** A PATH whose python3 is one of the test's, which notes that it was called and then does this. */
  function pathWith(python: string): string {
    const script = `#!/bin/sh\ntouch ${folder}/called\n${python}\n`;
    writeFileSync(join(folder, 'bin/python3'), script, { mode: 0o755 });
    return `${join(folder, 'bin')}${delimiter}${process.env['PATH']}`;
  }

  const pathWithoutPython = () => join(folder, 'bin');
  const notAvailable = (name: string) => expect.stringMatching(new RegExp(`^Not available: ${name}\\.`));

  /** Stands for pip and for unzipping: whatever is asked for, the extension is this text. */
  const wrongWheel = `
    for last; do :; done
    case "$*" in *zipfile*)
      mkdir -p "$last/duckdb_extension_fts/extensions/v1.5.5"
      echo wrong > "$last/duckdb_extension_fts/extensions/v1.5.5/fts.duckdb_extension";;
    esac`;

  it('refuses a file with another checksum, in one line', async () => {
    const { code, lines } = await fetchExtension('fts', { PATH: pathWith(wrongWheel) });
    expect(lines).toEqual([
      expect.stringMatching(/extension fts .* is not the one in scripts\/extensions\.sha256\.json/),
      notAvailable('fts'),
    ]);
    expect(code).toBe(1);
    expect(existsSync(file('fts'))).toBe(false);
  });

  it('fetches nothing that is there', async () => {
    mkdirSync(join(folder, 'into', inside), { recursive: true });
    writeFileSync(file('fts'), 'here');
    expect(await fetchExtension('fts', { PATH: pathWith('exit 1') })).toEqual({ code: 0, lines: [] });
    expect(pipWasCalled()).toBe(false);
  });

  describe('with a server', () => {
    let mirror: ExtensionMirror;
    beforeEach(async () => {
      mirror = await ExtensionMirror.start(prepared.extensions);
    });
    afterEach(() => mirror.stop());

    const fromMirror = () => ({ DUCKDB_EXTENSION_REPOSITORY: `${mirror.url}/duckdb` });

    it.each([
      ['without python3', () => pathWithoutPython()],
      ['with it, unasked', () => pathWith('exit 1')],
    ])('takes extensions from DUCKDB_EXTENSION_REPOSITORY, %s', async (_, path) => {
      const fetched = await fetchExtension('tpch', { PATH: path(), ...fromMirror() });
      expect(fetched).toEqual({ code: 0, lines: [] });
      expect(readFileSync(file('tpch')).equals(original('tpch'))).toBe(true);
      expect(mirror.asked).toEqual([`/duckdb/${inside}/tpch.duckdb_extension.gz`]);
      expect(pipWasCalled()).toBe(false);
    });

    it("asks DuckDB's own repository where pip does not have it", async () => {
      const env = { PATH: pathWith('echo ERROR: No matching distribution; exit 1'), HTTP_PROXY: mirror.url };
      expect(await fetchExtension('tpch', env)).toEqual({ code: 0, lines: [] });
      expect(readFileSync(file('tpch')).equals(original('tpch'))).toBe(true);
      expect(mirror.asked).toEqual([`http://extensions.duckdb.org/${inside}/tpch.duckdb_extension.gz`]);
      expect(pipWasCalled()).toBe(true);
    });

    it('refuses a file of the mirror that was changed, in one line', async () => {
      mirror.change((content) => {
        content[1000]! ^= 1;
        return content;
      });
      const { code, lines } = await fetchExtension('tpch', { PATH: pathWithoutPython(), ...fromMirror() });
      expect(lines).toEqual([
        expect.stringMatching(/^ {2}From http:.*doesn't have a valid signature/),
        notAvailable('tpch'),
      ]);
      expect(code).toBe(1);
      expect(existsSync(file('tpch'))).toBe(false);
    });

    it("refuses another extension under the name, though it has DuckDB's signature, in one line", async () => {
      mirror.change(() => original('tpch'));
      const { code, lines } = await fetchExtension('sqlite_scanner', {
        PATH: pathWithoutPython(),
        ...fromMirror(),
      });
      expect(lines).toEqual([
        expect.stringMatching(/extension sqlite_scanner .* is not the one in scripts/),
        notAvailable('sqlite_scanner'),
      ]);
      expect(code).toBe(1);
      expect(existsSync(file('sqlite_scanner'))).toBe(false);
    });

    it('says in one line for each way why it did not work', async () => {
      mirror.change(() => undefined);
      const env = { PATH: pathWithoutPython(), HTTP_PROXY: mirror.url };
      const { code, lines } = await fetchExtension('tpch', env);
      expect(lines).toEqual([
        '  By pip: python3 is not there',
        expect.stringMatching(
          /^ {2}By DuckDB's INSTALL: .*"http:\/\/extensions\.duckdb\.org\/.*\(HTTP 404\)$/,
        ),
        notAvailable('tpch'),
      ]);
      expect(code).toBe(1);
    });

    it('says in one line that the mirror does not have it', async () => {
      mirror.change(() => undefined);
      const { code, lines } = await fetchExtension('tpch', { PATH: pathWithoutPython(), ...fromMirror() });
      expect(lines).toEqual([expect.stringMatching(/^ {2}From http:.*\(HTTP 404\)$/), notAvailable('tpch')]);
      expect(code).toBe(1);
    });
  });

  it.each(['https://mirror.example/duckdb', 'http://user:planted@mirror.example', 'http://'])(
    'refuses the mirror %s in one line that does not show it',
    async (DUCKDB_EXTENSION_REPOSITORY) => {
      const env = { PATH: pathWithoutPython(), DUCKDB_EXTENSION_REPOSITORY };
      const { code, lines } = await fetchExtension('tpch', env);
      expect(lines).toEqual([expect.stringMatching(/^DUCKDB_EXTENSION_REPOSITORY must be an http/)]);
      expect(lines.join()).not.toContain('mirror.example');
      expect(code).toBe(1);
    },
  );
});
