import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FlightClient } from './support/flight.js';
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
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'extensions-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the script with a python3 of the test's, which notes that it was called and then does this. */
  function fetchWith(python: string, name: string): Promise<{ code: number; output: string }> {
    const bin = join(folder, 'bin');
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, 'python3'), `#!/bin/sh\ntouch ${folder}/called\n${python}\n`, { mode: 0o755 });
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` };
    const args = ['scripts/extensions.mjs', '--into', join(folder, 'into'), name];
    return new Promise((done) =>
      execFile(process.execPath, args, { env }, (error, stdout, stderr) =>
        done({ code: error ? Number(error.code) : 0, output: stdout + stderr }),
      ),
    );
  }

  /** Stands for pip and for unzipping: whatever is asked for, the extension is this text. */
  const wrongWheel = `
    for last; do :; done
    case "$*" in *zipfile*)
      mkdir -p "$last/duckdb_extension_fts/extensions/v1.5.5"
      echo wrong > "$last/duckdb_extension_fts/extensions/v1.5.5/fts.duckdb_extension";;
    esac`;

  const file = () => join(folder, 'into/v1.5.5/linux_amd64/fts.duckdb_extension');

  it('refuses a file with another checksum, in one line', async () => {
    const { code, output } = await fetchWith(wrongWheel, 'fts');
    expect(code).toBe(1);
    const lines = output.split('\n').filter((line) => line.includes('extensions.sha256.json'));
    expect(lines).toEqual([expect.stringMatching(/extension fts .* is not the one/)]);
    expect(output).not.toMatch(/^\s+at /m);
    expect(existsSync(file())).toBe(false);
  });

  it('fetches nothing that is there', async () => {
    mkdirSync(join(folder, 'into/v1.5.5/linux_amd64'), { recursive: true });
    writeFileSync(file(), 'here');
    expect(await fetchWith('exit 1', 'fts')).toEqual({ code: 0, output: '' });
    expect(existsSync(join(folder, 'called'))).toBe(false);
  });
});
