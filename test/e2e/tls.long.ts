import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { Jdbc, describeWithJdbc, type JdbcResult } from './support/jdbc.js';
import { CertificateAuthority, TlsProduct, type KeyPair } from './support/tls-product.js';

const authority = new CertificateAuthority();
const foreign = new CertificateAuthority('Another authority');

describeWithJdbc('The Arrow JDBC driver over TLS', () => {
  let product: TlsProduct | undefined;
  let jdbc: Jdbc;
  beforeAll(() => {
    jdbc = new Jdbc();
  });
  afterEach(async () => {
    await product?.stop();
    product = undefined;
  });
  afterAll(async () => {
    await jdbc.end();
    authority.remove();
    foreign.remove();
  });

  /** Starts the proxy, and has `SELECT 42` by a connection with these parameters. */
  async function ask(parameters: string, clientCa?: string, pair?: KeyPair): Promise<JdbcResult> {
    product = await TlsProduct.start(authority.sign('proxy', { kind: 'rsa' }), clientCa);
    writeFileSync(product.file('root.crt'), authority.cert);
    if (pair) {
      writeFileSync(product.file('client.crt'), pair.cert);
      writeFileSync(product.file('client.key'), pair.key);
    }
    const filled = parameters.replaceAll('FOLDER', product.folder);
    const url = `jdbc:arrow-flight-sql://localhost:${product.grpcPort}?token=${product.token('ada')}&${filled}`;
    await jdbc.do('open', 'tls', url);
    return jdbc.do<JdbcResult>('query', 'tls', 'SELECT 42 AS answer');
  }

  const TRUSTING = 'useEncryption=true&useSystemTrustStore=false&tlsRootCerts=FOLDER/root.crt';
  const SHOWING = `${TRUSTING}&clientCertificate=FOLDER/client.crt&clientKey=FOLDER/client.key`;

  it.each([
    ['the root certificate', TRUSTING],
    ['no look at the certificate', 'useEncryption=true&disableCertificateVerification=true'],
  ])('reads results with %s', async (_name, parameters) => {
    expect((await ask(parameters)).rows).toEqual([['42']]);
  });

  it.each([
    ['in the clear', 'useEncryption=false'],
    ['with other authorities', 'useEncryption=true'],
  ])('gets an exception %s', async (_name, parameters) => {
    await expect(ask(parameters)).rejects.toMatchObject({ name: 'SQLException' });
  });

  it('shows its own certificate', async () => {
    expect((await ask(SHOWING, authority.cert, authority.sign('client'))).rows).toEqual([['42']]);
  });

  it.each([
    ['without a certificate of its own', TRUSTING],
    ['with one that another authority signed', SHOWING],
  ])('is refused %s', async (_name, parameters) => {
    await expect(ask(parameters, authority.cert, foreign.sign('client'))).rejects.toMatchObject({
      name: 'SQLException',
    });
  });
});
