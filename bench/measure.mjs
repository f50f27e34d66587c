import {
  CommandStatementIngestSchema,
  CommandStatementIngest_TableDefinitionOptions_TableExistsOption as IfExists,
  CommandStatementIngest_TableDefinitionOptions_TableNotExistOption as IfNotExist,
  packAny,
} from '@pondpilot/flight-sql';
import { cpuSeconds } from './processes.mjs';
import { quantile } from './stats.mjs';

const TABLE = 'bench_ingest';
const INGEST = packAny(CommandStatementIngestSchema, {
  tableDefinitionOptions: { ifNotExist: IfNotExist.CREATE, ifExists: IfExists.REPLACE },
  table: TABLE,
});
/** What do_put of each server reads; the C++ server takes a table's name. */
const commandFor = (target) => Buffer.from(target === 'peer' ? TABLE : INGEST).toString('base64');

/**
 * Measures each scenario on each of its servers, `rounds` times, in another order each time. Resolves with, for each
 * scenario's name, an array of rounds, each `{ target: { speed, p50, p95, bytes, cpu, cpuMsPerCall } }`: speed in MB (10^6 bytes of
 * Arrow data), calls (row) or rows (ingest) a second, times in ms, and the CPU seconds that the server took.
 */
export async function measureRounds(clients, servers, scenarios, rounds) {
  const results = Object.fromEntries(scenarios.map(({ name }) => [name, []]));
  // The first round only warms up: code, files, memory.
  for (let round = 0; round <= rounds; round++)
    for (const scenario of scenarios) {
      const measured = {};
      for (const target of turned(scenario.on, round))
        measured[target] = await measure(clients, servers[target], target, scenario);
      if (round > 0) results[scenario.name].push(measured);
    }
  return results;
}

async function measure(clients, { pid }, target, scenario) {
  const { kind, sql, seconds, streams } = scenario;
  const task = { kind, target, sql, seconds, ...(kind === 'ingest' && { command: commandFor(target) }) };
  const before = cpuSeconds(pid);
  const result = await clients.run(task, streams);
  const cpu = cpuSeconds(pid) - before;
  const amount = { read: result.bytes / 1e6, row: result.ms.length, ingest: result.rows }[kind];
  const [p50, p95] = [0.5, 0.95].map((share) => quantile(result.ms, share));
  const cpuMsPerCall = (cpu * 1000) / result.ms.length;
  return { speed: amount / result.seconds, p50, p95, bytes: result.bytes, cpu, cpuMsPerCall };
}

const turned = (list, by) => [...list.slice(by % list.length), ...list.slice(0, by % list.length)];
