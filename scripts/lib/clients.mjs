import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Failure } from './fail.mjs';
import { cache, python, root } from './paths.mjs';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';
import { oncePer } from './stamp.mjs';

const requirements = join(root, 'test/clients/requirements.txt');
const driver = 'org.apache.arrow:flight-sql-jdbc-driver:18.3.0';
const copyGoal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy';

/** Makes the Python in which the tests run their clients, with exactly these versions. */
export async function ensurePythonClients() {
  const folder = join(cache, 'python');
  const fingerprint = () => `${readFileSync(requirements, 'utf8')}${existsSync(join(folder, 'bin/python'))}`;
  await oncePer(join(folder, '.made'), fingerprint, () =>
    step('Setting up the Python clients', async () => {
      const made = await run('python3', ['-m', 'venv', '--clear', folder]);
      if (made.code === 127) throw new Failure('The clients need Python 3.10 or newer with venv and pip.');
      succeeded(made, 'python3 -m venv');
      succeeded(await run(python(), ['-m', 'pip', 'install', '-q', '-r', requirements]), 'pip install');
    }),
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
