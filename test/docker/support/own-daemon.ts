import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomId } from '@pondpilot/kernel';
import Docker from 'dockerode';
import { until } from '../../e2e/support/until.js';

/** The address of the namespace, seen from outside, and that of the outside. RFC 5737 sets them aside for examples. */
export const INSIDE = '198.51.100.2';
const OUTSIDE = '198.51.100.1';

const sh = (command: string) =>
  execFileSync('sh', ['-ec', command], { stdio: ['ignore', 'ignore', 'inherit'] });

/**
 * A Docker daemon of the test's own, which it may stop, in a network namespace of its own: two daemons on one machine
 * take each other's bridges and firewall rules. What uses its containers runs within (`within`), and listens on `INSIDE`.
 */
export class OwnDaemon {
  private readonly name = `docker-${randomId().slice(0, 6)}`;
  private readonly folder = mkdtempSync(join(tmpdir(), 'own-daemon-'));
  private child: ChildProcess | undefined;
  readonly socket = join(this.folder, 'docker.sock');
  readonly docker = new Docker({ socketPath: this.socket });

  static async start(image: string): Promise<OwnDaemon> {
    const daemon = new OwnDaemon();
    const { name } = daemon;
    sh(`ip netns add ${name}
      ip link add ${name}o type veth peer name ${name}i
      ip link set ${name}i netns ${name}
      ip addr add ${OUTSIDE}/30 dev ${name}o; ip link set ${name}o up
      ip -n ${name} addr add ${INSIDE}/30 dev ${name}i; ip -n ${name} link set ${name}i up; ip -n ${name} link set lo up`);
    await daemon.run();
    sh(`docker save ${image} | docker -H unix://${daemon.socket} load`);
    return daemon;
  }

  /** What a program is started by, to run within. Not `ip netns exec`, which hides the cgroups. */
  get within(): string[] {
    return ['nsenter', `--net=/run/netns/${this.name}`];
  }

  async run(): Promise<void> {
    const [program, ...args] = [
      ...this.within,
      'dockerd',
      `--data-root=${join(this.folder, 'data')}`,
      `--exec-root=${join(this.folder, 'exec')}`,
      `--pidfile=${join(this.folder, 'pid')}`,
      `--host=unix://${this.socket}`,
    ];
    this.child = spawn(program!, args, { stdio: 'ignore' });
    await until(
      'the daemon answers',
      () =>
        this.docker.ping().then(
          () => true,
          () => false,
        ),
      30_000,
    );
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child!.once('exit', done));
    this.child!.kill('SIGTERM');
    await ended;
  }

  async remove(): Promise<void> {
    await this.stop();
    sh(`ip netns del ${this.name}; ip link del ${this.name}o 2>/dev/null || true`);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
