/** Where settings come from. */
export interface ConfigSources {
  /** The environment, without empty variables: an empty one counts as unset. */
  readonly env: Readonly<Record<string, string>>;
  /** The working directory: `config.yaml` is looked for there, and relative file paths start there. */
  readonly cwd: string;
  /** The file that is read where the working directory has none. */
  readonly rootFile: string;
  /** Where Docker mounts secrets, each in a file of its own. */
  readonly secretsDirectory: string;
}

export interface SourceOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly rootFile?: string;
  readonly secretsDirectory?: string;
}

/** The sources of this process, or those that a test names. The one place that reads the environment. */
export function configSources(options: SourceOptions = {}): ConfigSources {
  const env = Object.entries(options.env ?? process.env).filter(
    (entry): entry is [string, string] => !!entry[1],
  );
  return {
    env: Object.fromEntries(env),
    cwd: options.cwd ?? process.cwd(),
    rootFile: options.rootFile ?? '/config.yaml',
    secretsDirectory: options.secretsDirectory ?? '/run/secrets',
  };
}
