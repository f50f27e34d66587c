import { CLONE, CLONE3, REFUSED_CALLS, SOCKET, type CallNumbers } from './system-calls.js';

/** What differs between the architectures: their place in the tables of numbers, and their names for the kernel (linux/audit.h). */
export const ARCHITECTURES = {
  x64: { column: 0, audit: 0xc000003e },
  arm64: { column: 1, audit: 0xc00000b7 },
} as const;
export type Architecture = keyof typeof ARCHITECTURES;

/** One instruction of a classic BPF program (linux/filter.h): code, jumps if true and if false, operand. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];

const LOAD = 0x20;
const IF_EQUAL = 0x15;
const IF_AT_LEAST = 0x35;
const IF_ANY_BIT = 0x45;
const RETURN = 0x06;
// Offsets in what is told of a call (struct seccomp_data).
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;

const ALLOW = 0x7fff0000;
const KILL_PROCESS = 0x80000000;
const failing = (error: number) => 0x00050000 | error;
const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;

const CLONE_THREAD = 0x10000;
/** Calls of the x32 kind have numbers from here. */
const X32 = 0x40000000;
const [AF_UNIX, AF_INET, AF_INET6, AF_NETLINK] = [1, 2, 10, 16];

/**
 * A filter of system calls for seccomp(2), as the kernel reads it. Refuses `REFUSED_CALLS`, new processes, and all sockets
 * but those of the internet and of `unixSockets`, by which one reaches services such as Docker's. (The C library asks
 * netlink for addresses.) Everything else is allowed.
 */
export function callFilter(architecture: Architecture, unixSockets: boolean): Uint8Array {
  const { column, audit } = ARCHITECTURES[architecture];
  const numberOf = (numbers: CallNumbers) => numbers[column] ?? -1;
  const families = [AF_INET, AF_INET6, AF_NETLINK, ...(unixSockets ? [AF_UNIX] : [])] as number[];
  const refused = Object.values(REFUSED_CALLS)
    .map(numberOf)
    .filter((number) => number >= 0);
  const program: Instruction[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    [IF_EQUAL, 1, 0, audit],
    [RETURN, 0, 0, KILL_PROCESS],
    [LOAD, 0, 0, NUMBER],
    [IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, failing(ENOSYS)],
    ...refused.flatMap((number) => refuse(number, EPERM)),
    // Its flags are in memory, which a filter can't read; the C library then takes clone.
    ...refuse(numberOf(CLONE3), ENOSYS),
    [IF_EQUAL, 0, 4, numberOf(CLONE)],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    [IF_ANY_BIT, 1, 0, CLONE_THREAD],
    [RETURN, 0, 0, failing(EPERM)],
    [RETURN, 0, 0, ALLOW],
    [IF_EQUAL, 1, 0, numberOf(SOCKET)],
    [RETURN, 0, 0, ALLOW],
    [LOAD, 0, 0, FIRST_ARGUMENT],
    ...families.flatMap((family): Instruction[] => [
      [IF_EQUAL, 0, 1, family],
      [RETURN, 0, 0, ALLOW],
    ]),
    [RETURN, 0, 0, failing(EAFNOSUPPORT)],
  ];
  return encode(program);
}

function refuse(number: number, error: number): Instruction[] {
  return [
    [IF_EQUAL, 0, 1, number],
    [RETURN, 0, 0, failing(error)],
  ];
}

function encode(program: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(program.length * 8));
  for (const [index, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, ifTrue);
    view.setUint8(index * 8 + 3, ifFalse);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return new Uint8Array(view.buffer);
}
