import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ARCHITECTURES, type Architecture } from './call-filter.js';
import { knownRules, withheld, type Rule } from './landlock.js';
import { OPENAT, PRCTL } from './system-calls.js';

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

const PERL = '/usr/bin/perl';
/** Made of `apps/engine/src/sandbox/restrict.ts`, beside the engine. */
const NODE_STAGE = 'restrict.mjs';

/**
 * Arguments: the numbers of openat(2) and prctl(2), what Landlock withholds (or nothing), the filter of system calls in hex
 * digits (or nothing), the rules, `--`, the program. With `version` alone it prints the version of Landlock.
 *
 * The descriptors that name files (O_PATH) stay open: a rule is for the very inode that it was made with, and the kernel
 * makes a new one when an entry of /proc that nobody holds is looked up again.
 */
const PERL_STAGE = `
use strict;
my ($openat, $prctl, $withheld, $filter) = (shift() + 0, shift() + 0, shift, pack("H*", shift // ""));
if ($withheld eq "version") { print syscall(444, 0, 0, 1); exit }
my @withheld = map { $_ + 0 } split(/,/, $withheld);
sub call { my ($what, $number, @rest) = @_; my $got = syscall($number, @rest); $got >= 0 or die "$what: $!\\n"; $got }
my $ruleset = @withheld && call("landlock_create_ruleset", 444, pack("Q*", @withheld), 8 * @withheld, 0);
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
call("landlock_restrict_self", 446, $ruleset, 0) if @withheld;
my $program = pack("Sx6P", length($filter) / 8, $filter);
call("PR_SET_SECCOMP", $prctl, 22, 2, $program, 0, 0) if length $filter;
exec { $ARGV[0] } @ARGV or die "exec $ARGV[0]: $!\\n";
`;

/** The first stages that can be run on this machine, the quickest first. */
export function firstStages(node: string, entry: string): FirstStage[] {
  if (process.platform !== 'linux' || !(process.arch in ARCHITECTURES)) return [];
  const { column } = ARCHITECTURES[process.arch as Architecture];
  const numbers = [OPENAT[column], PRCTL[column]].map(String);
  const script = join(dirname(entry), NODE_STAGE);
  const stages: FirstStage[] = [];
  if (existsSync(PERL)) stages.push({ kind: 'perl', command: [PERL, '-e', PERL_STAGE, ...numbers] });
  if (existsSync(script)) stages.push({ kind: 'node', command: [node, script, ...numbers] });
  return stages;
}

/** The command that prints the version of Landlock: 0 or less where there is none. */
export function versionCommand({ command }: FirstStage): string[] {
  return [...command, 'version'];
}

/** What to be restricted by: Landlock's version and rules, where it is there; a filter of system calls, where it shall be. */
export interface Restriction {
  /** 0: without Landlock. */
  readonly abi: number;
  readonly rules: readonly Rule[];
  readonly filter: Uint8Array | undefined;
}

/** The command that runs another one restricted. It fails, and runs nothing, where the restriction can't be taken on. */
export function restricted(
  { command }: FirstStage,
  { abi, rules, filter }: Restriction,
  program: readonly string[],
): string[] {
  const known = abi > 0 ? knownRules(rules, abi) : [];
  const words = known.flatMap(({ type, rights, target }) => [type, rights, target]).map(String);
  const withholds = abi > 0 ? withheld(abi).join(',') : '';
  return [...command, withholds, Buffer.from(filter ?? []).toString('hex'), ...words, '--', ...program];
}
