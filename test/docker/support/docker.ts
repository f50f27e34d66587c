import Docker from 'dockerode';
import { labelOf } from '../../e2e/support/docker.js';
import { prepared } from '../../e2e/support/prepared.js';
import { Product, type DatabaseSettings } from '../../e2e/support/product.js';

/** What `scripts/lib/docker.mjs` has made of the sources. */
export const { images } = prepared;

export const docker = new Docker();

/** The started product with engines in containers. `containers` goes into the configuration. */
export function startOnDocker(
  containers: Record<string, unknown> = {},
  settings: DatabaseSettings = {},
): Promise<Product> {
  return Product.start({ provider: 'docker', image: images.engine, warm_pool: 0, ...containers }, settings);
}

/** The containers of the product's engines that run now. */
export function enginesOf({ secret }: Product): Promise<Docker.ContainerInfo[]> {
  return docker.listContainers({ filters: { label: [labelOf(secret)] } });
}

/** Runs a program in a container and answers all that it wrote. */
export async function execIn(container: string, command: string[]): Promise<string> {
  const exec = await docker
    .getContainer(container)
    .exec({ Cmd: command, AttachStdout: true, AttachStderr: true, Tty: true });
  const stream = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
