import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from './fail.mjs';
import { root } from './paths.mjs';

const fromNpm = join(root, 'node_modules/.bin/node');

/** Some of the libraries need this Node to run (https://nodejs.org/en/about/previous-releases). */
const needed = [22, 19];
/** Enough to install and build. */
const neededToInstall = [20, 19];

const atLeast = ([major, minor], version = process.versions.node) => {
  const [haveMajor, haveMinor] = version.split('.').map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
};

/** Fails where this Node is too old even to install. */
export function checkNode() {
  if (atLeast(neededToInstall)) return;
  throw new Failure(
    `Node ${neededToInstall.join('.')} or newer is needed, this is ${process.versions.node}: see https://nodejs.org/en/download.`,
  );
}

/** The Node that runs the product: the one that came by npm (Linux x64), else the one that runs this. */
export function runtimeNode() {
  if (existsSync(fromNpm)) return realpathSync(fromNpm);
  if (atLeast(needed)) return process.execPath;
  throw new Failure(
    `Node ${needed.join('.')} or newer is needed to run on this platform, this is ${process.versions.node}: install Node 24 from https://nodejs.org/en/download.`,
  );
}

/** The environment in which `node` and the tools of this project come first. */
export const toolEnv = (extra = {}) => ({
  ...process.env,
  PATH: `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH ?? ''}`,
  ...extra,
});
