import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { extensionDirectory } from '../extensions.mjs';
import { Failure } from './fail.mjs';
import { ensureSamples, exampleQuery } from '../samples.mjs';
import { checkFree, portFrom } from './ports.mjs';
import { state } from './paths.mjs';

/** Where the try-out shall listen. Fails where it can't. */
export async function chooseAddresses() {
  const addresses = {
    host: process.env.HOST || '127.0.0.1',
    port: portFrom('PORT', 8080),
    grpcPort: portFrom('GRPC_PORT', 8081),
  };
  if (addresses.port === addresses.grpcPort) throw new Failure('PORT and GRPC_PORT must differ.');
  await checkFree(addresses.host, addresses.port, 'PORT');
  await checkFree(addresses.host, addresses.grpcPort, 'GRPC_PORT');
  return addresses;
}

const repeated = (query) => ({ query, shortQuery: query });
const plain = repeated('SELECT 42 AS answer');
const oneSample = repeated(
  'SELECT drink, count(*) AS orders FROM shop.orders JOIN shop.drinks USING (drink_id) GROUP BY drink',
);
const both = {
  query: exampleQuery(),
  shortQuery:
    'SELECT card, count(*) AS orders FROM shop.orders JOIN town.customers USING (customer_id) GROUP BY card',
};

/**
 * What the proxy is started with, and queries to try: `{ env, demoTokens, query, shortQuery }`. What the environment
 * sets stays, a configuration that CONFIG_FILE names too; the rest is made and kept in .pondpilot.
 */
export async function prepareTryOut({ host, port, grpcPort }) {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const env = { ...process.env, HOST: host, PORT: String(port), GRPC_PORT: String(grpcPort) };
  if (!env.JWT_SECRET && !env.JWT_SECRET_FILE) env.JWT_SECRET_FILE = keepSecret();
  if (env.CONFIG_FILE) return { env, demoTokens: false, ...plain };
  const samples = await ensureSamples();
  env.CONFIG_FILE = writeConfig(samples);
  return { env, demoTokens: true, ...(samples.length > 1 ? both : oneSample) };
}

function keepSecret() {
  const file = join(state, 'jwt-secret');
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
  return file;
}

/** JSON is YAML too; one made file, written anew at every start. */
function writeConfig(samples) {
  const file = join(state, 'config.yaml');
  const config = {
    containers: { provider: process.env.ORCHESTRATOR || 'process' },
    duckdb: { extension_directory: extensionDirectory, attached_databases: samples },
    security: { demo_tokens: { enabled: true, databases: samples.map(({ alias }) => alias) } },
  };
  writeFileSync(file, `# Made by npm start, at every start.\n${JSON.stringify(config, undefined, 2)}\n`);
  return file;
}
