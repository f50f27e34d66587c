import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { knownRules, withheld, type Rule } from './landlock.js';

/**
 * What runs before Node: takes rules on, and becomes the program in its arguments. Rules bind the thread that takes them
 * on and whatever it starts: Node has seven threads before a program's first line, which would all stay free. In a
 * process of one thread, all threads of the engine are born restricted.
 *
 * Perl, a part of every Debian and Ubuntu, costs 4 ms; where there is none, a Node of its own does the same for 40 ms.
 */
export interface FirstStage {
  readonly kind: 'perl' | 'node';
  readonly command: readonly string[];
}

/** Numbers of openat(2) and prctl(2); those of Landlock are the same on all. */
const NUMBERS: Readonly<Record<string, readonly [number, number]>> = { x64: [257, 157], arm64: [56, 167] };
const PERL = '/usr/bin/perl';
/** Made of `apps/engine/src/sandbox/restrict.ts`, beside the engine. */
const NODE_STAGE = 'restrict.mjs';

/**
 * Arguments: the two numbers, what to withhold, the rules, `--`, the program. With nothing to withhold it prints the
 * version of the kernel's interface.
 *
 * The descriptors that name files (O_PATH) stay open: a rule is for the very inode that it was made with, and the kernel
 * makes a new one when an entry of /proc that nobody holds is looked up again.
 */
const PERL_STAGE = `
use strict;
my ($openat, $prctl, @withheld) = map { $_ + 0 } shift, shift, split(/,/, shift);
if (!@withheld) { print syscall(444, 0, 0, 1); exit }
sub call { my ($what, $number, @rest) = @_; my $got = syscall($number, @rest); $got >= 0 or die "$what: $!\\n"; $got }
my $ruleset = call("landlock_create_ruleset", 444, pack("Q*", @withheld), 8 * @withheld, 0);
while ((my $type = shift) ne "--") {
  my ($rights, $target) = (shift() + 0, shift);
  my $rule;
  if ($type == 1) {
    my $file = syscall($openat, -100, $target, 010000000);
    next if $file < 0;
    $rule = pack("Ql", -d $target ? $rights : $rights & 0x4007, $file);
  } else { $rule = pack("QQ", $rights, $target) }
  call("landlock_add_rule $target", 445, $ruleset, $type + 0, $rule, 0);
}
call("PR_SET_NO_NEW_PRIVS", $prctl, 38, 1, 0, 0, 0);
call("landlock_restrict_self", 446, $ruleset, 0);
exec { $ARGV[0] } @ARGV or die "exec $ARGV[0]: $!\\n";
`;

/** The first stages that can be run on this machine, the quickest first. */
export function firstStages(node: string, entry: string): FirstStage[] {
  const numbers = NUMBERS[process.arch];
  if (process.platform !== 'linux' || !numbers) return [];
  const script = join(dirname(entry), NODE_STAGE);
  const stages: FirstStage[] = [];
  if (existsSync(PERL)) stages.push({ kind: 'perl', command: [PERL, '-e', PERL_STAGE, ...numbers.map(String)] });
  if (existsSync(script)) stages.push({ kind: 'node', command: [node, script, ...numbers.map(String)] });
  return stages;
}

/** The command that prints the version of Landlock: 0 or less, or a failure, where there is none. */
export function versionCommand({ command }: FirstStage): string[] {
  return [...command, ''];
}

/** The command that runs another one within the rules. It fails, and runs nothing, where the rules can't be taken on. */
export function restricted(
  { command }: FirstStage,
  abi: number,
  rules: readonly Rule[],
  program: readonly string[],
): string[] {
  const known = knownRules(rules, abi).flatMap(({ type, rights, target }) => [type, rights, target]);
  return [...command, withheld(abi).join(','), ...known.map(String), '--', ...program];
}
