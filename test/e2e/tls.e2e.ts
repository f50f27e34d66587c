import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Notebook } from './support/notebook.js';
import { freePort } from './support/ports.js';
import { describeWithPython } from './support/python.js';
import { CertificateAuthority, TlsProduct } from './support/tls-product.js';
import { until } from './support/until.js';

const authority = new CertificateAuthority();
const foreign = new CertificateAuthority('Another authority');
const shown = authority.sign('a client', { names: [] });

afterAll(() => {
  authority.remove();
  foreign.remove();
});

describe('The start', () => {
  it('ends with one line where the files do not fit together, and none of their content', async () => {
    const product = await TlsProduct.launch({ cert: foreign.sign('x').cert, key: shown.key });
    expect(await product.ended()).toBe(1);
    const [cert, key] = [product.file('tls.crt'), product.file('tls.key')];
    expect(product.log()).toBe(
      `pondpilot-proxy: server.tls.key_file (TLS_KEY_FILE): ${key} is not the key of the certificate in ${cert}\n`,
    );
    await product.stop();
  });
});

describe('npm start', () => {
  it('tells the addresses by which TLS is spoken', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'start-tls-'));
    const { cert, key } = authority.sign('try-out');
    writeFileSync(join(folder, 'tls.crt'), cert);
    writeFileSync(join(folder, 'tls.key'), key);
    const [port, grpcPort] = [await freePort(), await freePort()];
    const env = {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      GRPC_PORT: String(grpcPort),
      TLS_CERT_FILE: join(folder, 'tls.crt'),
      TLS_KEY_FILE: join(folder, 'tls.key'),
    };
    const child = spawn(process.execPath, [resolve('scripts/start.mjs')], { env });
    const ended = new Promise((done) => child.once('close', done));
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    try {
      await until('the welcome', () => output.includes('Ctrl-C stops it'), 50_000);
      expect(output).toContain(`HTTP        https://127.0.0.1:${port}\n`);
      expect(output).toContain(`Flight SQL  grpc+tls://127.0.0.1:${grpcPort}\n`);
      expect(output).toContain(`jdbc:arrow-flight-sql://127.0.0.1:${grpcPort}?useEncryption=true&token=`);
      expect(output).not.toMatch(/\b(http|grpc):\/\//);
    } finally {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true });
    }
  });
});

describeWithPython('Over TLS', () => {
  let product: TlsProduct;
  let notebook: Notebook;
  const values = (user = 'ada') => ({
    location: product.location,
    ca: authority.cert,
    token: product.token(user),
  });
  const python = <T>(code: string, more: object = {}) => notebook.run<T>(code, { ...values(), ...more });

  beforeAll(async () => {
    product = await TlsProduct.start(authority.sign('first', { kind: 'rsa' }));
    notebook = new Notebook();
    await notebook.run(`
      import adbc_driver_flightsql.dbapi as flight_sql
      import pyarrow.flight as flight
      def connect(**options):
          return flight.connect(location, tls_root_certs=ca, **options)
      def start(client, sql):
          options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + token.encode())], timeout=20)
          info = client.get_flight_info(flight.FlightDescriptor.for_command(sql), options)
          return client.do_get(info.endpoints[0].ticket, options)
      def adbc(**more):
          options = {"adbc.flight.sql.authorization_header": "Bearer " + token}
          for name, value in more.items():
              options["adbc.flight.sql.client_option." + name] = value
          with flight_sql.connect(location, db_kwargs=options, autocommit=True) as connection:
              with connection.cursor() as cursor:
                  cursor.execute("SELECT 42 AS answer")
                  return cursor.fetch_arrow_table()
    `);
  });
  afterAll(async () => {
    await notebook?.end();
    await product?.stop();
  });

  it('pyarrow reads results, large ones too', async () => {
    const client = 'connect()';
    expect(await python(`start(${client}, "SELECT 42 AS answer").read_all()`)).toEqual([{ answer: 42 }]);
    const sum = `
      rows = start(connect(), "SELECT i, repeat('x', 40) AS s FROM range(3000000) AS r (i)")
      sum(chunk.data.num_rows for chunk in rows)
    `;
    expect(await python(sum)).toBe(3_000_000);
  });

  it('ADBC reads results', async () => {
    expect(await python('adbc(tls_root_certs=ca)')).toEqual([{ answer: 42 }]);
  });

  it.each([
    ['pyarrow', 'start(flight.connect(location), "SELECT 1").read_all()', 'FlightUnavailableError'],
    ['ADBC', 'adbc()', 'OperationalError'],
  ])('%s refuses a certificate that nobody known signed', async (_name, code, error) => {
    await expect(python(code)).rejects.toMatchObject({
      name: error,
      message: expect.stringMatching(/certificate/i),
    });
  });

  it.each([
    ['pyarrow', 'start(flight.connect(location), "SELECT 1").read_all()', 'FlightUnavailableError'],
    ['ADBC', 'adbc()', 'OperationalError'],
  ])('%s gets an error at once where it speaks in the clear', async (_name, code, error) => {
    const location = `grpc://localhost:${product.grpcPort}`;
    await expect(python(code, { location })).rejects.toMatchObject({ name: error });
  });

  it('HTTP clients are answered', async () => {
    expect(await product.get('/ready', { ca: authority.cert })).toEqual({
      status: 200,
      body: '{"ready":true}',
    });
    await expect(product.get('/ready', {})).rejects.toThrow(/certificate/);
  });

  it('a stream goes on while the certificate is replaced, and new connections get the new one', async () => {
    await python(`
      reader = start(connect(), "SELECT i FROM range(30000000) AS r (i)")
      first = reader.read_chunk().data.num_rows
    `);
    product.replace(authority.sign('second'));
    product.signal('SIGHUP');
    await until('the new certificate', async () => (await product.shownName(product.grpcPort)) === 'second');
    expect(await product.shownName(product.httpPort)).toBe('second');
    expect(await python('first + sum(chunk.data.num_rows for chunk in reader)')).toBe(30_000_000);
    expect(await python('start(connect(), "SELECT 1 AS one").read_all()')).toEqual([{ one: 1 }]);
    expect(product.log()).toMatch(/level=info msg="TLS certificate reloaded" not_after=20\d\d-/);
  });

  it('a bad new certificate is told of, and the old one stays', async () => {
    writeFileSync(product.file('tls.key'), shown.key);
    product.signal('SIGHUP');
    await until('the error', () => product.log().includes('level=error msg="TLS certificate not reloaded"'));
    expect(await python('start(connect(), "SELECT 1 AS one").read_all()')).toEqual([{ one: 1 }]);
  });

  it('files that are replaced as Kubernetes does are noticed without a signal', async () => {
    const { cert, key } = authority.sign('third');
    mkdirSync(product.file('v3'));
    writeFileSync(product.file('v3/tls.crt'), cert);
    writeFileSync(product.file('v3/tls.key'), key);
    for (const name of ['tls.crt', 'tls.key']) {
      symlinkSync(`v3/${name}`, product.file(`new-${name}`));
      renameSync(product.file(`new-${name}`), product.file(name));
    }
    await until('the new certificate', async () => (await product.shownName(product.grpcPort)) === 'third');
    expect(await python('start(connect(), "SELECT 1 AS one").read_all()')).toEqual([{ one: 1 }]);
    rmSync(product.file('v3'), { recursive: true });
  });
});

describeWithPython('With certificates of clients', () => {
  let product: TlsProduct;
  let notebook: Notebook;
  beforeAll(async () => {
    product = await TlsProduct.start(authority.sign('proxy'), authority.cert);
    notebook = new Notebook();
    await notebook.run('import adbc_driver_flightsql.dbapi as flight_sql\nimport pyarrow.flight as flight');
  });
  afterAll(async () => {
    await notebook?.end();
    await product?.stop();
  });

  const PYARROW = `
    client = flight.connect(location, tls_root_certs=ca, cert_chain=cert, private_key=key)
    options = flight.FlightCallOptions(headers=[(b"authorization", b"Bearer " + token.encode())], timeout=20)
    info = client.get_flight_info(flight.FlightDescriptor.for_command("SELECT 42 AS answer"), options)
    client.do_get(info.endpoints[0].ticket, options).read_all()
  `;
  const ADBC = `
    name = "adbc.flight.sql.client_option."
    options = {"adbc.flight.sql.authorization_header": "Bearer " + token, name + "tls_root_certs": ca}
    if cert: options |= {name + "mtls_cert_chain": cert, name + "mtls_private_key": key}
    connection = flight_sql.connect(location, db_kwargs=options, autocommit=True)
    cursor = connection.cursor()
    cursor.execute("SELECT 42 AS answer")
    cursor.fetch_arrow_table()
  `;
  const clients: [string, string][] = [
    ['pyarrow', PYARROW],
    ['ADBC', ADBC],
  ];
  const run = (code: string, pair: { cert: string | null; key: string | null }) =>
    notebook.run(code, {
      location: product.location,
      ca: authority.cert,
      token: product.token('ada'),
      ...pair,
    });

  it.each(clients)('%s is served with a good one', async (_name, code) => {
    expect(await run(code, shown)).toEqual([{ answer: 42 }]);
  });

  it.each(clients)(
    '%s is refused without one, and with one that another authority signed',
    async (_name, code) => {
      for (const pair of [{ cert: null, key: null }, foreign.sign('stranger')]) {
        await expect(run(code, pair)).rejects.toMatchObject({
          name: expect.stringMatching(/^(FlightUnavailableError|OperationalError|FlightInternalError)$/),
        });
      }
    },
  );

  it('probes need none over HTTP, and all else does', async () => {
    const trusting = { ca: authority.cert };
    expect((await product.get('/ready', trusting)).status).toBe(200);
    expect((await product.get('/health/detailed', trusting)).status).toBe(403);
    expect((await product.get('/health/detailed', { ...trusting, ...foreign.sign('stranger') })).status).toBe(
      403,
    );
    expect((await product.get('/health/detailed', { ...trusting, ...shown })).status).toBe(200);
  });
});
