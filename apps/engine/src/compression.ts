import type { Compression } from '@pondpilot/duckdb';
import type { ServerCall } from '@pondpilot/flight-sql';
import { DomainError } from '@pondpilot/kernel';

/** Header by which a client asks for compressed record batches. */
const COMPRESSION_HEADER = 'arrow-compression';

/**
 * How the batches of a call's result are compressed: as its client asks, else as `otherwise` has it. Throws
 * `invalid_argument` for what is not offered.
 */
export function compressionOf(call: ServerCall, otherwise: Compression): Compression {
  const asked = call.header(COMPRESSION_HEADER)?.trim().toLowerCase();
  if (asked === undefined || asked === '') return otherwise;
  if (asked === 'zstd' || asked === 'none') return asked;
  throw new DomainError(
    'invalid_argument',
    `The header ${COMPRESSION_HEADER} may be zstd or none, and is neither.`,
  );
}
