// The least that any proxy costs: `node splice.mjs PORT` passes bytes between clients and that port, and looks at none.
// Prints its own port once it listens; ends when its standard input does.
import { connect, createServer } from 'node:net';

const port = Number(process.argv[2]);
const server = createServer({ noDelay: true }, (client) => {
  const upstream = connect({ port, host: '127.0.0.1', noDelay: true });
  client.pipe(upstream).pipe(client);
  const close = () => [client, upstream].forEach((socket) => socket.destroy());
  for (const socket of [client, upstream]) socket.on('error', close).on('close', close);
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
