import { describe, expect, it } from '@jest/globals';
import { smallSpec } from '@pondpilot/testing';
import { containerSpec, spillBytesOf } from './container-spec.js';
import { file, JWT_SECRET, keys, options, server } from './docker.harness.js';
import { DEPLOYMENT_LABEL, ENGINE_LABEL, PROFILE_LABEL } from './labels.js';

const GIB = 1024 ** 3;
const engineId = '0123456789abcdef';
const mounts = [{ Type: 'bind' as const, Source: '/srv/shop.sqlite', Target: '/data/shop.sqlite' }];
const parts = { engineId, spec: smallSpec, network: 'engines', mounts };

describe('containerSpec', () => {
  it('confines an engine as far as Docker can', () => {
    const { User: user, HostConfig: host } = containerSpec(options, parts);
    expect(user).toBe('1000:1000');
    expect(host).toMatchObject({
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges'],
      ReadonlyRootfs: true,
      AutoRemove: true,
      IpcMode: 'none',
      Init: true,
      PidsLimit: 512,
      Ulimits: expect.arrayContaining([
        { Name: 'core', Soft: 0, Hard: 0 },
        { Name: 'nofile', Soft: 4096, Hard: 4096 },
      ]),
    });
  });

  it('asks for nothing that would loosen it again', () => {
    const { HostConfig: host = {}, ...body } = containerSpec(options, parts);
    const known =
      'NetworkMode Mounts CapDrop SecurityOpt ReadonlyRootfs AutoRemove IpcMode Init Ulimits LogConfig Memory MemorySwap NanoCpus PidsLimit Tmpfs'.split(
        ' ',
      );
    // A name that is new here is to be thought about: Privileged, Binds, Devices, PidMode and the like open doors.
    expect(Object.keys(host).filter((name) => !known.includes(name))).toEqual([]);
    expect(body).not.toHaveProperty('ExposedPorts');
    expect(body).not.toHaveProperty('Tty');
  });

  it('keeps no more of what an engine writes than a bounded file', () => {
    const { LogConfig: log } = containerSpec(options, parts).HostConfig!;
    expect(log).toEqual({ Type: 'json-file', Config: { 'max-size': '1m', 'max-file': '1' } });
  });

  it('puts it into its network alone, with the mounts that it is given', () => {
    const { HostConfig: host, NetworkingConfig: networking } = containerSpec(options, parts);
    expect(host).toMatchObject({ NetworkMode: 'engines', Mounts: mounts });
    expect(networking?.EndpointsConfig).toEqual({ engines: {} });
  });

  it("passes the runtime on, and leaves it to the daemon's default otherwise", () => {
    expect(containerSpec({ ...options, runtime: 'runsc' }, parts).HostConfig).toHaveProperty(
      'Runtime',
      'runsc',
    );
    expect(containerSpec(options, parts).HostConfig).not.toHaveProperty('Runtime');
  });

  it('keeps its standard input open for the launch', () => {
    expect(containerSpec(options, parts)).toMatchObject({ OpenStdin: true, AttachStdin: true });
    expect(containerSpec(options, parts)).not.toHaveProperty('StdinOnce');
  });

  it('labels it with what the next proxy needs to know, and nothing else', () => {
    expect(containerSpec(options, parts).Labels).toEqual({
      [ENGINE_LABEL]: engineId,
      [DEPLOYMENT_LABEL]: keys.deployment,
      [PROFILE_LABEL]: smallSpec.fingerprint,
    });
  });

  it('holds no secret, as everyone who may inspect containers reads it', () => {
    const databases = [
      server('postgres://ann:planted%2Done@db.example/sales?sslmode=require'),
      server('host=db.example user=ann password=planted-two', 'mysql'),
      file('/data/shop.sqlite?key=planted-three'),
    ];
    const onOutput = () => 'planted-four';
    const text = JSON.stringify(
      containerSpec({ ...options, databases, onOutput }, { ...parts, spec: { ...smallSpec, databases } }),
    );
    expect(text).not.toMatch(/planted|db\.example|ann\b/);
    for (const secret of [JWT_SECRET, keys.control(engineId), keys.call(engineId)])
      expect(text).not.toContain(secret);
  });
});

describe('the quotas of a container', () => {
  const hostOf = (changed: Partial<typeof smallSpec>) =>
    containerSpec(options, { ...parts, spec: { ...smallSpec, ...changed } }).HostConfig!;

  it('hold what the engine may use and what it may spill, which is memory, too, and no swap', () => {
    const host = hostOf({ memoryBytes: GIB, spillBytes: GIB / 4 });
    expect(host).toMatchObject({ Memory: 1.25 * GIB, MemorySwap: 1.25 * GIB });
    expect(host.Tmpfs).toEqual({ '/spill': expect.stringMatching(new RegExp(`\\bsize=${GIB / 4},`)) });
  });

  it('let it spill twice its memory unless the configuration says how much', () => {
    expect(spillBytesOf({ memoryBytes: GIB })).toBe(2 * GIB);
    expect(spillBytesOf({ memoryBytes: GIB, spillBytes: 5 })).toBe(5);
    const host = hostOf({ memoryBytes: GIB });
    expect(host.Memory).toBe(3 * GIB);
    expect(host.Tmpfs!['/spill']).toContain(`size=${2 * GIB},`);
  });

  it('give the area that it spills to to nobody else, and nothing there can be run', () => {
    const flags = hostOf({}).Tmpfs!['/spill']!.split(',');
    expect(flags).toEqual(
      expect.arrayContaining(['noexec', 'nosuid', 'nodev', 'mode=0700', 'uid=1000', 'gid=1000']),
    );
  });

  it.each([
    [0.5, 500_000_000],
    [2, 2_000_000_000],
    [0.1 + 0.2, 300_000_000],
  ])('take %d CPUs as a whole number of billionths', (cpus, nano) => {
    expect(hostOf({ cpus }).NanoCpus).toBe(nano);
  });
});
