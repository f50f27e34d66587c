/**
 * Landlock (landlock(7)): a process gives up, for itself and all that it starts, whatever its rules do not name. It
 * takes no privilege. These are the kernel's numbers (linux/landlock.h) and the rules in them.
 */

/** Rights on files and folders. */
export const FileRight = {
  execute: 1 << 0,
  writeFile: 1 << 1,
  readFile: 1 << 2,
  readFolder: 1 << 3,
  removeFolder: 1 << 4,
  removeFile: 1 << 5,
  makeFolder: 1 << 7,
  makeFile: 1 << 8,
  truncate: 1 << 14,
} as const;

const PortRight = { bind: 1, connect: 2 } as const;
/** Abstract sockets of others, and signals to others. */
const SCOPES = 3;
const RuleType = { path: 1, port: 2 } as const;

/** The versions of the interface that brought something: without the first there is nothing at all. */
export const Since = { files: 1, ports: 4, scopes: 6 } as const;

/** Something that is allowed; what no rule allows is forbidden. */
export interface Rule {
  readonly type: number;
  readonly rights: number;
  /** A path (nothing is allowed where there is nothing) or a port. */
  readonly target: string | number;
}

/** Allows a file, or a folder and all below it. Of a file only the rights that files have count. */
export const allowPath = (path: string, rights: number): Rule => ({
  type: RuleType.path,
  rights,
  target: path,
});

/** Allows to connect to a port, of any host, by TCP. */
export const allowConnect = (port: number): Rule => ({
  type: RuleType.port,
  rights: PortRight.connect,
  target: port,
});

/** Allows to listen where the system chooses the port. */
export const ALLOW_LISTEN: Rule = { type: RuleType.port, rights: PortRight.bind, target: 0 };

/** Rights on files, rights on ports and scopes that a kernel with this version of the interface can withhold: all of them. */
export function withheld(abi: number): number[] {
  const fileRights = abi >= 5 ? 16 : abi >= 3 ? 15 : abi === 2 ? 14 : 13;
  const files = 2 ** fileRights - 1;
  if (abi < Since.ports) return [files];
  const ports = PortRight.bind | PortRight.connect;
  return abi < Since.scopes ? [files, ports] : [files, ports, SCOPES];
}

/** The rules that this version knows, each without the rights that it does not know. */
export function knownRules(rules: readonly Rule[], abi: number): Rule[] {
  const [files = 0, ports] = withheld(abi);
  return rules
    .filter(({ type }) => type === RuleType.path || ports !== undefined)
    .map((rule) => (rule.type === RuleType.path ? { ...rule, rights: rule.rights & files } : rule));
}
