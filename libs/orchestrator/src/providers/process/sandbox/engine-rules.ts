import { dirname } from 'node:path';
import type { EngineLaunch } from '@pondpilot/engine-api';
import type { Runtime } from '../runtime.js';
import { databaseRules } from './database-rules.js';
import { ALLOW_LISTEN, FileRight, allowPath, type Rule } from './landlock.js';

export const READ = FileRight.readFile | FileRight.readFolder;
const RUN = FileRight.readFile | FileRight.execute;
/** All but programs, devices, sockets and links. */
export const READ_AND_WRITE =
  READ |
  FileRight.writeFile |
  FileRight.truncate |
  FileRight.makeFile |
  FileRight.makeFolder |
  FileRight.removeFile |
  FileRight.removeFolder;

/** Starts every dynamically linked program (ld.so(8)), by architecture. */
const LOADERS = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];
/** Libraries, and what the C library and TLS read of a machine's set-up: names, addresses, certificates, time zones. */
const SYSTEM = [
  '/lib',
  '/lib64',
  '/usr/lib',
  '/usr/lib64',
  '/usr/local/lib',
  '/etc/ld.so.cache',
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/host.conf',
  '/etc/nsswitch.conf',
  '/etc/gai.conf',
  '/etc/services',
  '/etc/localtime',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/pki/tls/certs',
  '/etc/pki/ca-trust/extracted',
  '/usr/share/zoneinfo',
  '/usr/share/ca-certificates',
  '/usr/local/share/ca-certificates',
  '/dev/urandom',
  '/dev/random',
  '/sys/devices/system/cpu',
  // The engine's own: `self` is looked up by the process that takes the rule on.
  '/proc/self',
  '/proc/meminfo',
  '/proc/stat',
  '/proc/cpuinfo',
  '/proc/sys/vm/overcommit_memory',
];

/** All that an engine may use of the machine. */
export function engineRules(runtime: Runtime, { tempDirectory, databases }: EngineRulesOf): Rule[] {
  const { node, entry, duckdbLibrary, extensionDirectory } = runtime;
  const own = [
    dirname(entry),
    duckdbLibrary,
    ...(extensionDirectory === undefined ? [] : [extensionDirectory]),
  ];
  return [
    ...[node, ...LOADERS].map((path) => allowPath(path, RUN)),
    ...[...SYSTEM, ...own].map((path) => allowPath(path, READ)),
    // Limits of memory and CPU: DuckDB crashes where it sees such a file that it can't open. No names.
    allowPath('/sys/fs/cgroup', FileRight.readFile),
    allowPath('/dev/null', FileRight.readFile | FileRight.writeFile),
    allowPath(tempDirectory, READ_AND_WRITE),
    ALLOW_LISTEN,
    ...databaseRules(databases, { read: READ, write: READ_AND_WRITE }),
  ];
}

export type EngineRulesOf = Pick<EngineLaunch, 'tempDirectory' | 'databases'>;
