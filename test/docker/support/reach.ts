import { execIn } from './docker.js';

const SCRIPT = `
const net = require('node:net');
const places = JSON.parse(process.argv[1]);
const tried = Object.entries(places).map(([name, [host, port]]) => new Promise((done) => {
  const socket = net.connect({ host, port, timeout: 3000 });
  const end = (reached) => { socket.destroy(); done([name, reached]); };
  socket.on('connect', () => end(true)).on('error', () => end(false)).on('timeout', () => end(false));
}));
Promise.all(tried).then((all) => console.log('\\n' + JSON.stringify(Object.fromEntries(all))));
`;

/** Which of these places take a TCP connection from a program with all that an engine's container has. */
export async function reachableFrom(
  container: string,
  places: Readonly<Record<string, readonly [host: string, port: number]>>,
): Promise<Record<string, boolean>> {
  const output = await execIn(container, ['/usr/local/bin/node', '-e', SCRIPT, JSON.stringify(places)]);
  const answer = output.split('\n').findLast((line) => line.startsWith('{'));
  if (answer === undefined) throw new Error(`No answer: ${output}`);
  return JSON.parse(answer) as Record<string, boolean>;
}
