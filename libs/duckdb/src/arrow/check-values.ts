import { DomainError } from '@pondpilot/kernel';
import type { ValueCheck } from './field.js';

const DAY_MICROS = 86_400_000_000;
/** The upper 32 bits of 10^38, the least number of 39 digits. */
const HUGEINT_LIMIT = 10n ** 38n;
const HUGEINT_LIMIT_HIGH = Number(HUGEINT_LIMIT >> 96n);

/** Whether the value whose 32-bit words start at `at` is one that Arrow's type has not. */
type IsBeyond = (words: Int32Array, at: number) => boolean;

const CHECKS: Readonly<
  Record<ValueCheck['kind'], { readonly step: number; readonly isBeyond: IsBeyond; readonly problem: string }>
> = {
  hugeint: {
    step: 4,
    isBeyond: isBeyondDecimal,
    problem: "holds a HUGEINT of 39 digits, and Arrow's decimal128 has 38",
  },
  time: {
    step: 2,
    isBeyond: isAtLeast(DAY_MICROS),
    problem: "holds the time 24:00:00, which Arrow's time has not",
  },
  time_ns: {
    step: 2,
    isBeyond: isAtLeast(DAY_MICROS * 1000),
    problem: "holds the time 24:00:00, which Arrow's time has not",
  },
};

/**
 * Throws `invalid_argument` that names the column where one of `count` values, from the word at `start` on, is beyond
 * Arrow's type and not null.
 */
export function checkValues(
  { kind, column }: ValueCheck,
  words: Int32Array,
  start: number,
  count: number,
  validity: Uint8Array | undefined,
): void {
  const { step, isBeyond, problem } = CHECKS[kind];
  for (let i = 0; i < count; i++) {
    if (isBeyond(words, start + i * step) && isValid(validity, i)) throw beyondArrow(column, problem);
  }
}

/** The error for a value that can't be sent as it is. */
export function beyondArrow(column: string, problem: string): DomainError {
  return new DomainError(
    'invalid_argument',
    `Column "${column}" ${problem}. Cast it to VARCHAR to read it as text.`,
  );
}

function isValid(validity: Uint8Array | undefined, index: number): boolean {
  return !validity || (((validity[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

function isAtLeast(limit: number): IsBeyond {
  const high = Math.floor(limit / 2 ** 32);
  const low = limit % 2 ** 32;
  return (words, at) => {
    const upper = words[at + 1] ?? 0;
    return upper > high || (upper === high && (words[at] ?? 0) >>> 0 >= low);
  };
}

/** The upper word alone tells for all but numbers that are very near. */
function isBeyondDecimal(words: Int32Array, at: number): boolean {
  const upper = words[at + 3] ?? 0;
  if (upper < HUGEINT_LIMIT_HIGH && upper > -HUGEINT_LIMIT_HIGH) return false;
  let value = BigInt(upper);
  for (let word = 2; word >= 0; word--) value = (value << 32n) | BigInt((words[at + word] ?? 0) >>> 0);
  return value >= HUGEINT_LIMIT || value <= -HUGEINT_LIMIT;
}
