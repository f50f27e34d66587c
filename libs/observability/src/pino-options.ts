import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Options } from 'pino-http';
import { stdTimeFunctions } from 'pino';
import type { LogLevel } from '@pondpilot/config';
import { randomId } from '@pondpilot/kernel';

const UNLOGGED_PATHS: ReadonlySet<string> = new Set(['/health', '/ready', '/health/detailed']);
const SECRET_KEYS = ['authorization', 'cookie', 'password', 'token', 'jwtSecret', 'connectionString'];
const REDACTED = SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.headers.${key}`, `headers.${key}`]);

/** How pino and its request log are set up, whatever the format of the lines. */
export function pinoOptions(level: LogLevel): Options {
  return {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: REDACTED, censor: '[redacted]' },
    ...requestLog,
  };
}

const requestLog: Options = {
  genReqId: () => randomId(),
  autoLogging: { ignore: (request) => UNLOGGED_PATHS.has(pathOf(request)) },
  quietReqLogger: true,
  quietResLogger: true,
  customAttributeKeys: { reqId: 'request_id' },
  customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
  customSuccessMessage: () => 'Request completed',
  customErrorMessage: () => 'Request failed',
  customSuccessObject: (request, response, value) => requestFields(request, response, value),
  customErrorObject: (request, response, _error, value) => requestFields(request, response, value),
};

function requestFields(
  request: IncomingMessage,
  response: ServerResponse,
  value: { responseTime: number },
): object {
  const { method } = request;
  return { method, path: pathOf(request), status: response.statusCode, duration_ms: value.responseTime };
}

/** Without the query, where clients put what should not be logged. */
function pathOf(request: IncomingMessage): string {
  const url = (request as { originalUrl?: string }).originalUrl ?? request.url ?? '';
  return url.split('?', 1)[0] ?? '';
}
