// Runs the tests: `npm test` what takes minutes at most, `npm run test:full` everything, `-- --rest` only what
// `npm test` leaves out. What a test needs is installed, built and made first. With FAIL_ON_SKIP=1 a skipped test
// fails the run. Arguments after those go to jest (e.g. `npm test -- -t cancel`).
import { ensureExtensions, extensionDirectory, scanners } from './extensions.mjs';
import {
  ensureGoClient,
  ensureJdbcDriver,
  ensurePythonClients,
  ensureSqlAlchemy,
  goClient,
  jdbcDriver,
  sqlalchemyPython,
} from './lib/clients.mjs';
import { ensureDockerImages, images } from './lib/docker.mjs';
import { main } from './lib/fail.mjs';
import { runJest } from './lib/jest.mjs';
import { checkNode } from './lib/node.mjs';
import { python } from './lib/paths.mjs';
import { ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { databaseServers, ensureDatabaseServers } from './lib/servers.mjs';
import { summary, total } from './lib/summary.mjs';
import { ensureSamples, exampleQuery } from './samples.mjs';

const own = new Set(['--full', '--rest']);
const given = process.argv.slice(2);
const full = given.includes('--full');
const rest = given.includes('--rest');
const jestArgs = given.filter((argument) => !own.has(argument));

const minutes = 60_000;
/** The suites of clients, on engines in containers as well. */
const clientSuites = 'e2e/(pyarrow|adbc|adbc-writes|handles|jdbc|go|sqlalchemy|types|everyday|warm-pool)\\.';

/**
 * The suites of clients over TLS, each kind of client in one at least. Left out is what takes long and is no other over
 * TLS: types (the bytes of results), handles (engines' memory), keys (the client of everyday, and database servers to
 * start), polling and warm-pool (waiting for engines).
 */
const tlsSuites = 'e2e/(pyarrow|adbc|adbc-writes|jdbc|go|sqlalchemy|metadata|errors|everyday)\\.';
/** Of these, those that are quick and that no other suite shows with the proxy's certificate alone. */
const oneWaySuites = 'e2e/(go|sqlalchemy|everyday)\\.';

/** The product is started many times and watched: one suite at a time, and time enough for a busy machine. */
const started = ['--runInBand', '--testTimeout=60000', ...jestArgs];
const projects = [
  ...(rest ? [] : [{ name: 'unit', args: jestArgs, timeoutMs: 8 * minutes }]),
  ...(rest ? [] : [{ name: 'e2e', args: started, timeoutMs: 15 * minutes }]),
  ...(full || rest ? [{ name: 'long', args: started, timeoutMs: 15 * minutes }] : []),
];
const overTls = (name, mode, suites) => ({
  name,
  projects: ['e2e', 'long'],
  args: [...started, '--testPathPatterns', suites],
  timeoutMs: 8 * minutes,
  env: { TEST_TLS: mode },
});
const clientsOverTls = [
  overTls('clients over TLS', 'mutual', tlsSuites),
  overTls('clients over one-way TLS', 'server', oneWaySuites),
];
const onDocker = [
  { name: 'docker', args: started, timeoutMs: 10 * minutes },
  {
    name: 'clients on docker',
    projects: ['e2e', 'long'],
    args: [...started, '--testPathPatterns', clientSuites],
    timeoutMs: 12 * minutes,
    env: { TEST_PROVIDER: JSON.stringify({ provider: 'docker', image: images.engine }) },
  },
];

await main(async () => {
  checkNode();
  await ensureInstalled();
  await ensureBuilt();
  await ensureExtensions([...scanners, 'tpch']);
  const databases = await ensureSamples();
  if (full || rest || isSet('CI')) {
    await ensurePythonClients();
    for (const line of await ensureDatabaseServers()) console.log(line);
  }
  if (full || rest) {
    await ensureSqlAlchemy();
    await ensureJdbcDriver();
    await ensureGoClient();
  }
  const noDocker = full || rest ? await ensureDockerImages() : undefined;

  const suites = [];
  const extensions = extensionDirectory;
  const prepared = {
    databases,
    extensions,
    python: python(),
    sqlalchemyPython: sqlalchemyPython(),
    jdbcDriver: jdbcDriver(),
    goClient: goClient(),
    servers: databaseServers(),
    images,
    exampleQuery: exampleQuery(),
  };
  const env = { TEST_PREPARED: JSON.stringify(prepared) };
  const wanted = [
    ...projects,
    ...(full || rest ? clientsOverTls : []),
    ...((full || rest) && noDocker === undefined ? onDocker : []),
  ];
  for (const { name, ...options } of wanted)
    suites.push(await runJest(name, { ...options, env: { ...env, ...options.env } }));
  if (noDocker !== undefined)
    suites.push({ title: 'docker', passed: 0, failed: 0, skipped: [`engines in Docker (${noDocker})`] });
  report(suites);
});

function report(suites) {
  const { postgres, mariadb, haproxy } = databaseServers();
  const without = [
    ...(python() ? [] : ['the Python clients']),
    ...(postgres ? [] : ['PostgreSQL']),
    ...(mariadb ? [] : ['MariaDB']),
    ...(haproxy ? [] : ['HAProxy']),
    ...(full || rest ? longClients() : []),
  ];
  if (without.length > 0)
    console.log(`\nWithout ${without.join(', ')}: \`npm run test:setup\` fetches what it can.`);
  console.log(summary(suites));
  const { failed, skipped } = total(suites);
  if (failed > 0) process.exitCode = 1;
  if (skipped.length > 0 && isSet('FAIL_ON_SKIP')) process.exitCode = 1;
}

function longClients() {
  const there = {
    SQLAlchemy: sqlalchemyPython(),
    'the JDBC driver': jdbcDriver(),
    'the Go client': goClient(),
  };
  return Object.keys(there).filter((name) => !there[name]);
}

function isSet(variable) {
  return !['', '0', 'false', undefined].includes(process.env[variable]);
}
