const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
};

/** The longest wait of Node's timers, about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Milliseconds of a `grpc-timeout` header; undefined where there is none, or none that a timer can wait for. */
export function parseGrpcTimeout(value: string | undefined): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(value ?? '');
  if (!match) return undefined;
  const ms = Math.ceil(Number(match[1]) * UNIT_MS[match[2]!]!);
  return ms > MAX_TIMER_MS ? undefined : ms;
}

/** A `grpc-timeout` header of at least one millisecond. It has at most eight digits, so long ones go in seconds. */
export function formatGrpcTimeout(ms: number): string {
  const whole = Math.max(1, Math.ceil(ms));
  return whole < 1e8 ? `${whole}m` : `${Math.ceil(whole / 1000)}S`;
}
