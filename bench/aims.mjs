import { markdown } from './markdown.mjs';
import { cpuPerGb, ratios } from './ratios.mjs';
import { chosen } from './scenarios.mjs';
import { median } from './stats.mjs';

const atLeast = (name, target, value, key = 'speed') => ({ name, target, key, value, at: 'least' });
const atMost = (name, target, value, key) => ({ name, target, key, value, at: 'most' });

/** The first aims, as ratios to the C++ server directly; reads are judged at one stream. */
const AIMS = [
  atLeast('lineitem-1', 'engine', 1),
  atLeast('strings-1', 'engine', 1),
  atLeast('nested-1', 'engine', 1),
  atLeast('ints-1', 'engine', 0.95),
  atLeast('ingest', 'engine', 1),
  atLeast('lineitem-1', 'proxy', 0.9),
  atLeast('strings-1', 'proxy', 0.8),
  atLeast('nested-1', 'proxy', 1),
  atLeast('ints-1', 'proxy', 0.65),
  atMost('row-1', 'proxy', 1.3, 'p50'),
  atLeast('row-32', 'proxy', 1.4),
];
const FORWARDER_CPU_S_PER_GB = 0.5;
const ENGINE_START_MS = 150;

/** Each aim beside what was measured; undefined where none of it was. */
export function aimsTable(results, starts) {
  const reads = chosen('').scenarios.filter(({ kind, name }) => kind === 'read' && results[name]);
  const lines = AIMS.filter(({ name }) => results[name]).map(({ name, target, key, value, at }) =>
    line(
      `${name}, ${target}, ${key === 'p50' ? 'p50' : 'speed'} of C++`,
      at,
      value,
      median(ratios(results[name], target, key)),
    ),
  );
  if (reads.length > 0)
    lines.push(
      line('proxy, CPU s/GB read', 'most', FORWARDER_CPU_S_PER_GB, cpuPerGb(reads, results, 'proxy')),
    );
  if (starts)
    lines.push(line('engine, start to first query, ms', 'most', ENGINE_START_MS, median(starts.engine)));
  return lines.length === 0 ? undefined : markdown(['aim', '', 'measured', ''], lines);
}

function line(what, at, value, measured) {
  const reached = at === 'least' ? measured >= value : measured <= value;
  const digits = measured >= 10 ? 0 : 2;
  return [what, `at ${at} ${value}`, measured.toFixed(digits), reached ? 'reached' : '**not reached**'];
}
