import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FlightClient } from '../e2e/support/flight.js';
import { argumentsOf, environmentOf } from '../e2e/support/processes.js';
import type { Product } from '../e2e/support/product.js';
import { docker, enginesOf, execIn, images, startOnDocker } from './support/docker.js';
import { RecordedSocket } from './support/recorded-socket.js';

const MIB = 1024 ** 2;
/** Planted where secrets are; found nowhere else. */
const PASSWORD = 'planted-Pa55word';
const SECRET = 'planted-jwt-secret-of-more-than-32-characters';
const users = ['ada@example.org', 'https://id.example/u?a=1&b=$(id)', 'Zoë 😀 "; --', '../../etc/passwd'];

let product: Product;
let socket: RecordedSocket;
const folder = mkdtempSync(join(tmpdir(), 'docker-socket-'));

beforeAll(async () => {
  socket = await RecordedSocket.listen(join(folder, 'docker.sock'));
  const postgres = `postgresql://reader:${PASSWORD}@192.0.2.1:5432/market?connect_timeout=1`;
  product = await startOnDocker(
    { memory_limit: '300m', cpu_limit: 0.75, spill_limit: '200m' },
    {
      secret: SECRET,
      env: { DOCKER_HOST: `unix://${socket.path}`, CLAUDE_API_KEY: 'planted-key' },
      databases: [{ alias: 'market', type: 'postgres', connection_string: postgres }],
    },
  );
  await Promise.all(
    users.map(async (user) => {
      const client = new FlightClient(product.grpcPort, product.token(user));
      await client.query('SELECT 1');
      client.close();
    }),
  );
}, 60_000);
afterAll(async () => {
  await product?.stop();
  socket?.close();
  rmSync(folder, { recursive: true, force: true });
});

async function inspected() {
  const engines = await enginesOf(product);
  return Promise.all(engines.map(({ Id }) => docker.getContainer(Id).inspect()));
}

describe('The container of an engine', () => {
  it('is confined', async () => {
    const all = await inspected();
    expect(all).toHaveLength(users.length);
    for (const { Config, HostConfig } of all) {
      expect(Config).toMatchObject({ User: '1000:1000', Image: images.engine });
      expect(HostConfig).toMatchObject({
        CapDrop: ['ALL'],
        SecurityOpt: ['no-new-privileges'],
        Privileged: false,
        ReadonlyRootfs: true,
        Memory: 500 * MIB,
        MemorySwap: 500 * MIB,
        NanoCpus: 750_000_000,
        PidsLimit: 512,
        Init: true,
        IpcMode: 'none',
        PidMode: '',
        UsernsMode: '',
        Tmpfs: { '/spill': expect.stringContaining(`noexec,nosuid,nodev,size=${200 * MIB}`) },
      });
      // Daemons differ in how they say none.
      for (const none of [HostConfig.Devices, HostConfig.Binds, HostConfig.CapAdd, HostConfig.PortBindings])
        expect(Object.keys(none ?? {})).toEqual([]);
    }
  });

  it('shows the same from within: no rights, nothing to write to but the spill area, which is bounded', async () => {
    const [engine] = await enginesOf(product);
    const script = `
      grep -E '^(Uid|NoNewPrivs|Cap(Inh|Prm|Eff|Bnd|Amb)):' /proc/self/status
      for place in / /tmp /etc /opt/pondpilot /dev/shm /var/tmp; do touch $place/x 2>/dev/null && echo "wrote $place"; done
      dd if=/dev/zero of=/spill/full bs=1M count=300 2>/dev/null; stat -c %s /spill/full; rm /spill/full
      cp /bin/ls /spill/ls; /spill/ls 2>&1; rm /spill/ls
      ls -A /run/secrets /config.yaml /var/run/docker.sock 2>&1 | grep -v 'No such file'`;
    const lines = (await execIn(engine!.Id, ['sh', '-c', script]))
      .split('\n')
      .map((line) => line.trim().replaceAll('\t', ' '));
    expect(lines.filter(Boolean)).toEqual([
      'Uid: 1000 1000 1000 1000',
      ...['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'].map((set) => `Cap${set}: 0000000000000000`),
      'NoNewPrivs: 1',
      String(200 * MIB),
      expect.stringMatching(/Permission denied/),
    ]);
  });

  it('is named by an id of its own, and says nothing of its user', async () => {
    for (const { Name, Config, Mounts } of await inspected()) {
      expect(Name).toMatch(/^\/pondpilot-[0-9a-z]+$/);
      const shown = JSON.stringify([Config.Labels, Config.Hostname, Mounts]);
      for (const user of users) expect(shown).not.toContain(user.slice(0, 6));
    }
    const names = (await inspected()).map(({ Name }) => Name);
    expect(new Set(names).size).toBe(users.length);
  });
});

describe('Planted secrets', () => {
  const planted = (text: string) => /planted/i.test(text);

  it('are in nothing that Docker tells of an engine', async () => {
    const all = await inspected();
    expect(planted(JSON.stringify(all))).toBe(false);
    for (const { Id } of await enginesOf(product)) {
      const logs = await docker.getContainer(Id).logs({ stdout: true, stderr: true });
      expect(planted(String(logs))).toBe(false);
      expect(planted(JSON.stringify(await docker.getContainer(Id).top()))).toBe(false);
    }
  });

  it('are in no environment and no arguments of its processes', async () => {
    for (const { Id } of await enginesOf(product)) {
      const { Titles, Processes } = await docker.getContainer(Id).top();
      const pids = Processes.map((row: string[]) => Number(row[Titles.indexOf('PID')]));
      expect(pids.length).toBeGreaterThan(1);
      for (const pid of pids)
        expect(planted([...environmentOf(pid), ...argumentsOf(pid)].join(' '))).toBe(false);
    }
  });

  it('are in no line of a request to the daemon, which socket proxies log', () => {
    expect(socket.requests.filter((line) => line.includes('/containers/create'))).toHaveLength(users.length);
    expect(socket.requests.filter(planted)).toEqual([]);
    // Nor anything else of what the container is made of.
    expect(socket.requests.filter((line) => /Env|Labels|HostConfig/i.test(line))).toEqual([]);
  });

  it('are in no layer and no setting of the images, nor are settings, keys or tests of the sources', async () => {
    for (const name of Object.values(images)) {
      const image = docker.getImage(name);
      const [info, history] = await Promise.all([image.inspect(), image.history()]);
      expect(JSON.stringify([info.Config, history])).not.toMatch(/planted|npmrc.*_auth|JWT_SECRET=/i);
    }
    const files = (await filesOf(images.proxy)).filter((file) => !file.includes('/node_modules/'));
    const unwanted =
      /\.env|\.npmrc|\.pem$|\.git\/|\.pondpilot|\.spec\.|\.ts$|config\.yaml$|^opt\/pondpilot\/test/;
    expect(files.filter((file) => unwanted.test(file))).toEqual([]);
    expect(files).toContain('opt/pondpilot/apps/proxy/dist/main.js');
  }, 60_000);
});

/** Paths of all files of an image but those of the system. */
async function filesOf(image: string): Promise<string[]> {
  const container = await docker.createContainer({ Image: image });
  try {
    const archive = await container.getArchive({ path: '/opt' });
    const chunks: Buffer[] = [];
    for await (const chunk of archive) chunks.push(chunk as Buffer);
    return namesInTar(Buffer.concat(chunks));
  } finally {
    await container.remove();
  }
}

/** Names in a tar archive (POSIX ustar): headers of 512 bytes, each with its file's size in octal behind the name. */
function namesInTar(archive: Buffer): string[] {
  const names: string[] = [];
  const text = (at: number, length: number) =>
    archive.toString('utf8', at, at + length).replace(/\0.*$/s, '');
  for (let at = 0; at < archive.length && archive[at] !== 0;) {
    const size = Number.parseInt(text(at + 124, 12), 8) || 0;
    names.push(text(at + 345, 155) === '' ? text(at, 100) : `${text(at + 345, 155)}/${text(at, 100)}`);
    at += 512 * (1 + Math.ceil(size / 512));
  }
  return names;
}
