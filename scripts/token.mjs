// npm run token -- USER [--ttl 8h]: prints a token for USER, signed with the secret that the proxy verifies with.
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Failure, main } from './lib/fail.mjs';
import { state } from './lib/paths.mjs';

const USAGE = 'Usage: npm run token -- USER [--ttl 8h]';
const HELP = `${USAGE}

Prints a token (JWT, HS256) with which a client is the user USER. With npm run --silent nothing else is printed:

    TOKEN=$(npm run --silent token -- ada --ttl 30m)

  --ttl DURATION  how long it is valid: a number and s, m, h or d, such as 30m, 8h or 7d; 8h without it
  -h, --help      prints this

The secret to sign with must be the one that the proxy verifies with. It is the first of these that there is: the file
that JWT_SECRET_FILE names, JWT_SECRET, /run/secrets/jwt_secret, and the one that npm start made and keeps in
.pondpilot/jwt-secret.`;
const MIN_SECRET_LENGTH = 32;
const SECONDS = { s: 1, m: 60, h: 3600, d: 86_400 };

await main(() => {
  const { user, ttl, help } = readArguments();
  if (help) return console.log(HELP);
  const now = Math.floor(Date.now() / 1000);
  const claims = { sub: user, iat: now, exp: now + readTtl(ttl) };
  console.log(sign(claims, readSecret()));
});

function readArguments() {
  try {
    const options = { ttl: { type: 'string', default: '8h' }, help: { type: 'boolean', short: 'h' } };
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.help) return { help: true };
    const [user = '', ...rest] = positionals;
    if (user.trim() === '' || rest.length > 0)
      throw new Failure(`Name one user. ${USAGE}; --help tells more.`);
    return { user, ttl: values.ttl };
  } catch (error) {
    throw error instanceof Failure ? error : new Failure(`${error.message.split(/\n|\. /, 1)[0]}. ${USAGE}`);
  }
}

/** Seconds of e.g. `30m`; at most ten years. */
function readTtl(text) {
  const match = /^(\d+)([smhd])$/.exec(text);
  const seconds = match ? Number(match[1]) * SECONDS[match[2]] : 0;
  if (seconds < 1 || seconds > 3650 * SECONDS.d) {
    throw new Failure(`--ttl must be a duration such as 30m, 8h or 7d. ${USAGE}`);
  }
  return seconds;
}

/** Looked for where the proxy looks, and then where `npm start` keeps the one that it made. */
function readSecret() {
  const named = process.env.JWT_SECRET_FILE;
  const secret = named
    ? readNamed(named)
    : process.env.JWT_SECRET ||
      readIfThere('/run/secrets/jwt_secret') ||
      readIfThere(join(state, 'jwt-secret'));
  if (!secret) {
    throw new Failure(
      'There is no secret to sign with: set JWT_SECRET as for the proxy, or run npm start once, which makes one.',
    );
  }
  if (secret.length < MIN_SECRET_LENGTH) {
    throw new Failure(
      `The secret is shorter than ${MIN_SECRET_LENGTH} characters, so no proxy takes it: set a longer JWT_SECRET.`,
    );
  }
  return secret;
}

function readNamed(file) {
  const secret = readIfThere(file);
  if (!secret) throw new Failure(`The file that JWT_SECRET_FILE names is empty or can't be read: ${file}`);
  return secret;
}

function readIfThere(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}

/** A JSON Web Token (RFC 7519), by HMAC with SHA-256. */
function sign(claims, secret) {
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
