import { createServer } from 'node:net';
import { Failure } from './fail.mjs';

/** The port that this variable names, else the usual one. */
export function portFrom(variable, usual) {
  const text = process.env[variable] || String(usual);
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65536) return port;
  throw new Failure(`${variable} must be a number from 1 to 65535, not ${JSON.stringify(text)}.`);
}

/** Fails, with what to do, where nothing can listen on this port; `variable` is what sets another. */
export async function checkFree(host, port, variable) {
  const problem = await listenOnce(host, port);
  if (problem === undefined) return;
  const other = `${variable}=${port > 60000 ? port - 1000 : port + 1000} npm start`;
  throw new Failure(
    {
      EADDRINUSE: `Port ${port} is taken. Stop what uses it, or set another: ${other}`,
      EACCES: `Port ${port} is not allowed for this user. Set another: ${other}`,
      EADDRNOTAVAIL: `HOST=${host} is not an address of this machine. Set HOST=127.0.0.1, or 0.0.0.0 for all addresses.`,
      ENOTFOUND: `HOST=${host} is not known. Set HOST=127.0.0.1, or 0.0.0.0 for all addresses.`,
    }[problem] ?? `Nothing can listen on ${host}:${port} (${problem}). Set another: ${other}`,
  );
}

/** A port that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Resolves with the code of the error that listening there gives. */
function listenOnce(host, port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
