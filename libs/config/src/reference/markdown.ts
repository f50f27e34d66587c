import { settingsOf, type Setting } from '../catalogue.js';
import { pathText } from '../problems.js';

const INTRODUCTION = `# Configuration

<!-- Generated from the schema in libs/config by \`npm run docs:config\`: change it there. -->

Environment over YAML over defaults. The YAML file is the one that \`CONFIG_FILE\` names, else \`config.yaml\` in the
working directory, else \`/config.yaml\`. [\`config.example.yaml\`](../config.example.yaml) and
[\`.env.example\`](../.env.example) are there to be copied, [\`config.schema.json\`](config.schema.json) lets editors
complete and check the file.

- An empty variable, and a key without a value, count as unset.
- \`\${NAME}\` in a text of the file is replaced from the environment, \`\${NAME:-default}\` too; \`$\${\` stands for the
  characters \`\${\`. A variable that is not set and has no default is an error.
- Secrets, and the variables that the file names as \`\${NAME}\`, are taken from the file that \`NAME_FILE\` names, else
  from \`NAME\`, else from \`/run/secrets/name\` (lower case, where Docker mounts its secrets).
- Durations are \`500ms\`, \`30s\`, \`5m\`, \`1h\`; a bare number is milliseconds. Sizes are \`256m\`, \`1g\`, in powers of
  1024; a bare number is bytes.
- Relative paths start in the working directory of the proxy.
- A start with wrong settings ends with one line for each problem, all at once. None of them shows a value.

Settings marked *not used yet* are read and checked, but this version does nothing with them.
`;

/** The page that documents every setting. */
export function configurationMarkdown(): string {
  const settings = settingsOf();
  const sections = new Set(settings.map(({ path }) => path[0] ?? ''));
  const tables = [...sections].map((name) =>
    table(
      name,
      settings.filter(({ path }) => path[0] === name),
    ),
  );
  return [INTRODUCTION, ...tables].join('\n');
}

function table(name: string, settings: readonly Setting[]): string {
  const rows = settings.map((setting) => `| ${cells(setting).join(' | ')} |\n`);
  return `## ${name}\n\n| YAML | environment | default | |\n| --- | --- | --- | --- |\n${rows.join('')}`;
}

function cells({ path, meta, expected, defaultValue }: Setting): string[] {
  const { env, secret, envOnly, unused, description, defaultText } = meta;
  const variables = env && (secret ? `\`${env}\`, \`${env}_FILE\`` : `\`${env}\``);
  const notes = [description, expected && `Must be ${expected}.`, unused && '*Not used yet.*'];
  return [
    envOnly ? '—' : `\`${pathText(path)}\``,
    variables ?? '—',
    defaultText ?? `\`${typeof defaultValue === 'string' ? defaultValue : JSON.stringify(defaultValue)}\``,
    notes.filter(Boolean).join(' ').replaceAll('|', '\\|'),
  ];
}
