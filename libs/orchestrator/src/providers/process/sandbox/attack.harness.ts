/** What an engine that has been taken over would try, as a program in plain JavaScript; it prints how each try ended. */
export const ATTACK = String.raw`
const { Worker, isMainThread, parentPort, workerData } = require('node:worker_threads');
const fs = require('node:fs');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const { spawnSync } = require('node:child_process');

const { outside, own, proxy, allowedPort, otherPort, freePort, abstractName } =
  isMainThread ? JSON.parse(process.argv[2]) : workerData;

const connect = (to) => new Promise((resolve, reject) => {
  const socket = net.connect(to, () => resolve(socket.destroy()));
  socket.on('error', reject);
});
const listen = (port) => new Promise((resolve, reject) => {
  const server = net.createServer().on('error', reject);
  server.listen(port, '127.0.0.1', () => server.close(resolve));
});
const started = ({ error, status }) => { if (error) throw error; if (status !== 0) throw new Error('status ' + status); };

const tries = {
  'reads /etc/passwd': () => fs.readFileSync('/etc/passwd'),
  'reads /etc/passwd in the pool': () => fs.promises.readFile('/etc/passwd'),
  'lists the root': () => fs.promises.readdir('/'),
  'reads a file of the proxy': () => fs.readFileSync(path.join(outside, 'secret')),
  'reads through a link': () => fs.readFileSync(path.join(own, 'link/secret')),
  'reads the environment of the proxy': () => fs.readFileSync('/proc/' + proxy + '/environ'),
  'reads the arguments of the proxy': () => fs.readFileSync('/proc/' + proxy + '/cmdline'),
  'writes beside its folder': () => fs.writeFileSync(path.join(outside, 'new'), ''),
  'writes over a file of the proxy': () => fs.writeFileSync(path.join(outside, 'secret'), 'x'),
  'writes to /tmp': () => fs.promises.writeFile(path.join(os.tmpdir(), 'attack-' + process.pid), ''),
  'writes to /dev/shm': () => fs.writeFileSync('/dev/shm/attack-' + process.pid, ''),
  'writes to its own /proc': () => fs.writeFileSync('/proc/self/oom_score_adj', '0'),
  'starts a program': () => started(spawnSync('/bin/true')),
  'starts a program of its own': () => { fs.copyFileSync('/usr/lib/os-release', path.join(own, 'program')); fs.writeFileSync(path.join(own, 'program'), '#!/bin/sh\n', { mode: 0o755 }); fs.chmodSync(path.join(own, 'program'), 0o755); started(spawnSync(path.join(own, 'program'))); },
  'connects to another port': () => connect({ port: otherPort, host: '127.0.0.1' }),
  'listens on a port of its choice': () => listen(freePort),
  'changes permissions': () => fs.chmodSync(path.join(outside, 'secret'), 0o600),
  'changes an owner': () => fs.chownSync(path.join(outside, 'secret'), process.getuid(), process.getgid()),
  'signals the proxy': () => process.kill(proxy, 0),
  'reaches an abstract socket': () => connect({ path: '\0' + abstractName }),
  // What it needs.
  'may write to its folder': () => { fs.mkdirSync(path.join(own, 'd'), { recursive: true }); fs.writeFileSync(path.join(own, 'd/f'), 'x'); fs.renameSync(path.join(own, 'd/f'), path.join(own, 'd/g')); fs.truncateSync(path.join(own, 'd/g'), 0); fs.rmSync(path.join(own, 'd'), { recursive: true }); },
  'may connect to its database': () => connect({ port: allowedPort, host: '127.0.0.1' }),
  'may listen where the system chooses': () => listen(0),
  'may look up a name': () => require('node:dns').promises.lookup('localhost'),
  'may know its memory': () => { if (!(process.memoryUsage.rss() > 0)) throw new Error('none'); },
};

async function outcomes() {
  const found = {};
  for (const [name, attempt] of Object.entries(tries)) {
    try { await attempt(); found[name] = 'works'; } catch (error) { found[name] = error.code ?? String(error); }
  }
  return found;
}

if (isMainThread) {
  outcomes().then((main) => {
    const worker = new Worker(__filename, { workerData: { outside, own, proxy, allowedPort, otherPort, freePort, abstractName } });
    worker.on('message', (thread) => { process.stdout.write(JSON.stringify({ main, thread })); });
  });
} else outcomes().then((found) => parentPort.postMessage(found));
`;
