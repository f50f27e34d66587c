export { DockerProvider } from './docker-provider.js';
export { DEFAULT_NETWORK, ENGINE_IMAGE } from './options.js';
export type { DockerProviderOptions } from './options.js';
