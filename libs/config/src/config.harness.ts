/** What the specs of the configuration stand on: a folder that holds all that is read, and nothing of the machine's. */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { AppConfig } from './app-config.js';
import { loadConfig } from './load.js';
import { ConfigError } from './problems.js';

export const SECRET = 's'.repeat(32);

export class ConfigFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'config-'));

  /** Loads with this environment and this `config.yaml`, given as text or as data. */
  load(env: Record<string, string> = {}, yaml?: string | object): AppConfig {
    if (yaml !== undefined) this.write('config.yaml', typeof yaml === 'string' ? yaml : stringify(yaml));
    return loadConfig({
      env: { JWT_SECRET: SECRET, ...env },
      cwd: this.path,
      rootFile: join(this.path, 'root', 'config.yaml'),
      secretsDirectory: join(this.path, 'secrets'),
    });
  }

  /** The problems that such a configuration has; throws where it has none. */
  problems(env: Record<string, string> = {}, yaml?: string | object): readonly string[] {
    try {
      this.load(env, yaml);
    } catch (error) {
      if (error instanceof ConfigError) return error.problems;
      throw error;
    }
    throw new Error('the configuration was accepted');
  }

  /** Writes a file, with its folder; answers its path. */
  write(name: string, content: string): string {
    const file = join(this.path, name);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, content);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true });
  }
}
