/** Every container and network of ours carries labels, by which the next proxy finds them. They say nothing of any user. */
export const ENGINE_LABEL = 'io.pondpilot.engine.id';
export const DEPLOYMENT_LABEL = 'io.pondpilot.deployment';
/** Of an engine's network: the hosts of its databases, which may be containers that belong into it. */
export const HOSTS_LABEL = 'io.pondpilot.database.hosts';
/** Of containers: `LaunchSpec.fingerprint`. */
export const PROFILE_LABEL = 'io.pondpilot.profile';
/** Of images that are engines. */
export const IMAGE_LABEL = 'io.pondpilot.engine';

export const containerName = (engineId: string): string => `pondpilot-${engineId}`;

/** What Docker's lists take as `filters`. */
export function labelled(deployment: string, engineId?: string): { label: string[] } {
  const engine = engineId === undefined ? ENGINE_LABEL : `${ENGINE_LABEL}=${engineId}`;
  return { label: [`${DEPLOYMENT_LABEL}=${deployment}`, engine] };
}
