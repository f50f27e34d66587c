import { statSync } from 'node:fs';
import { execve } from 'node:process';
import koffi from 'koffi';

/**
 * A program: takes Landlock rules and a filter of system calls on, and becomes the program in its arguments. The provider
 * of processes says why, and what its arguments are, in `first-stage.ts`, which has the same in Perl.
 */
const [CREATE_RULESET, ADD_RULE, RESTRICT_SELF] = [444, 445, 446];
const AT_FDCWD = -100;
const O_PATH = 0o10000000;
const PR_SET_NO_NEW_PRIVS = 38;
const PR_SET_SECCOMP = 22;
const SECCOMP_MODE_FILTER = 2;
const ON_FILES = 0x4007;

const libc = koffi.load('libc.so.6');
const plain = libc.func('syscall', 'long', ['long', 'long', 'long', 'long', 'long', 'long']);
const openAt = libc.func('syscall', 'long', ['long', 'int', 'str', 'int']);
const createRuleset = libc.func('syscall', 'long', ['long', 'void *', 'size_t', 'uint32_t']);
const addRule = libc.func('syscall', 'long', ['long', 'int', 'int', 'void *', 'uint32_t']);

const filterProgram = koffi.struct({ length: 'uint16_t', filter: 'void *' });

function succeed(result: unknown, what: string): number {
  if (typeof result === 'number' && result >= 0) return result;
  throw new Error(`${what} failed with error ${koffi.errno()}.`);
}

const wordsOf = (...words: number[]) => new Uint8Array(BigUint64Array.from(words, BigInt).buffer);

/** The attributes of a rule: for a port two words, for a path a word and an open file. Undefined where it is missing. */
function attributesOf(type: string, rights: number, target: string): Uint8Array | undefined {
  if (type !== '1') return wordsOf(rights, Number(target));
  // Stays open, see the provider's `first-stage.ts`.
  const file = openAt(openat, AT_FDCWD, target, O_PATH) as number;
  if (file < 0) return undefined;
  return wordsOf(statSync(target).isDirectory() ? rights : rights & ON_FILES, file).subarray(0, 12);
}

const [openat = 0, prctl = 0] = process.argv.slice(2, 4).map(Number);
const [withholds = '', hex = ''] = process.argv.slice(4);
const end = process.argv.indexOf('--');

function makeRuleset(withheld: number[], rules: string[]): number {
  const attributes = wordsOf(...withheld);
  const ruleset = succeed(
    createRuleset(CREATE_RULESET, attributes, attributes.byteLength, 0),
    'landlock_create_ruleset',
  );
  for (let at = 0; at < rules.length; at += 3) {
    const [type = '', rights, target = ''] = rules.slice(at, at + 3);
    const rule = attributesOf(type, Number(rights), target);
    if (rule) succeed(addRule(ADD_RULE, ruleset, Number(type), rule, 0), `landlock_add_rule ${target}`);
  }
  return ruleset;
}

function takeFilterOn(filter: Uint8Array): void {
  const setFilter = libc.func('syscall', 'long', [
    'long',
    'long',
    'long',
    koffi.pointer(filterProgram),
    'long',
    'long',
  ]);
  const program = { length: filter.byteLength / 8, filter };
  succeed(setFilter(prctl, PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0), 'PR_SET_SECCOMP');
}

if (withholds === 'version') {
  process.stdout.write(String(createRuleset(CREATE_RULESET, null, 0, 1)));
} else {
  const withheld = withholds.split(',').filter(Boolean).map(Number);
  const ruleset = withheld.length > 0 ? makeRuleset(withheld, process.argv.slice(6, end)) : undefined;
  succeed(plain(prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'PR_SET_NO_NEW_PRIVS');
  if (ruleset !== undefined) succeed(plain(RESTRICT_SELF, ruleset, 0, 0, 0, 0), 'landlock_restrict_self');
  if (hex !== '') takeFilterOn(Buffer.from(hex, 'hex'));
  const program = process.argv.slice(end + 1);
  execve!(program[0]!, program, process.env);
}
