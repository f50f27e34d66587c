import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { cache, root } from './paths.mjs';
import { step, succeeded } from './progress.mjs';
import { run } from './run.mjs';
import { fingerprintOf, oncePer } from './stamp.mjs';

/** The images that the tests make of the sources; nobody's own are touched. */
export const images = { engine: 'pondpilot-test/engine', proxy: 'pondpilot-test/proxy' };

const sources = [
  'Dockerfile',
  '.dockerignore',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.base.json',
];
const folders = ['apps', 'libs', 'scripts'];
const buildEnv = { ...process.env, DOCKER_BUILDKIT: '1' };
const minutes = 60_000;

/** A Docker client that can build with BuildKit, and whose daemon answers; or why there is none. */
export async function findDocker() {
  const path = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  const found = [...new Set(path.map((folder) => join(folder, 'docker')))].filter((file) => existsSync(file));
  if (found.length === 0) return { problem: 'docker is not installed' };
  for (const file of found) {
    const version = await run(file, ['version', '--format', '{{.Client.Version}}'], { timeoutMs: 10_000 });
    if (version.code !== 0) return { problem: version.output.trim().split('\n').at(-1) };
    // Clients before 23 bring BuildKit, later ones leave it to a plugin.
    const builtIn = Number.parseInt(version.output, 10) < 23;
    if (builtIn || (await run(file, ['buildx', 'version'])).code === 0) return { docker: file };
  }
  return { problem: 'the docker client has no buildx' };
}

/** Builds the images of the engine and the proxy from the sources. Says why not, where it can't. */
export async function ensureDockerImages() {
  const { docker, problem } = await findDocker();
  if (!docker) return problem;
  const fingerprint = () => fingerprintOf([...sources, ...folders].map((path) => join(root, path)));
  for (const [target, tag] of Object.entries(images)) {
    const there = (await run(docker, ['image', 'inspect', tag])).code === 0;
    const stamp = join(cache, 'docker', target);
    await oncePer(
      stamp,
      () => `${there} ${fingerprint()}`,
      () => build(docker, target, tag),
    );
    await oncePer(
      stamp,
      () => `true ${fingerprint()}`,
      async () => {},
    );
  }
  return undefined;
}

/** Whether the images were made; no question is asked. */
export const dockerImages = () =>
  Object.keys(images).every((target) => existsSync(join(cache, 'docker', target))) ? images : undefined;

async function build(docker, target, tag) {
  const npmrc = join(homedir(), '.npmrc');
  const secret = existsSync(npmrc) ? ['--secret', `id=npmrc,src=${npmrc}`] : [];
  const args = ['build', '--network', 'host', ...secret, '--target', target, '-t', tag, root];
  await step(`Building the image of the ${target}`, async () => {
    const built = await run(docker, args, { env: buildEnv, timeoutMs: 10 * minutes });
    succeeded(built, 'docker build');
  });
}
