/** How many streams are read at the same time. */
export const STREAMS = [1, 8, 32];

/** How long small queries are sent for in each round. */
const ROW_SECONDS = 1;
const ROW_CLIENTS = [1, 32];

/** What is read. Each measurement of a result carries as much, by however many streams. */
export const RESULTS = ['lineitem', 'ints', 'strings', 'nested'];

/** All that is measured in each round, `on` each of these targets in turn. */
const SCENARIOS = [
  ...RESULTS.flatMap((result) =>
    STREAMS.map((streams) => ({
      name: `${result}-${streams}`,
      kind: 'read',
      result,
      streams,
      on: ['engine', 'proxy', 'peer', 'splice'],
      sql: `SELECT * FROM bench.${result}${streams === 1 ? '' : `_${streams}`}`,
    })),
  ),
  ...ROW_CLIENTS.map((streams) => ({
    name: `row-${streams}`,
    kind: 'row',
    result: 'row',
    streams,
    on: ['engine', 'proxy', 'peer', 'splice'],
    sql: 'SELECT 42 AS answer',
    seconds: ROW_SECONDS,
  })),
  { name: 'ingest', kind: 'ingest', result: 'ingest', streams: 1, on: ['engine', 'proxy', 'peer'] },
];

/** Those that `only` names: a comma-separated list of results (`ints`), scenarios (`row-32`) or `start`; empty: all. */
export function chosen(only) {
  const names = only.split(',').filter((name) => name !== '');
  const wanted = (...of) => names.length === 0 || of.some((name) => names.includes(name));
  return {
    scenarios: SCENARIOS.filter(({ name, result }) => wanted(name, result)),
    starts: wanted('start'),
    unknown: names.filter(
      (name) =>
        name !== 'start' && !SCENARIOS.some((scenario) => [scenario.name, scenario.result].includes(name)),
    ),
  };
}
