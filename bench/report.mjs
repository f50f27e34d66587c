import { aimsTable } from './aims.mjs';
import { markdown } from './markdown.mjs';
import { cpuPerGb, ratios, values } from './ratios.mjs';
import { median } from './stats.mjs';

const TITLES = {
  engine: 'engine, directly',
  proxy: 'through the proxy',
  peer: 'C++ server, directly',
  splice: 'C++ server through a TCP splice',
};

/**
 * All that was measured, as Markdown. Ratios are medians of the rounds' own ratios, with the lowest and the highest
 * of them.
 */
export function report({ results, scenarios, rounds, memory, starts }, lines) {
  const of = (kind) => scenarios.filter((scenario) => scenario.kind === kind);
  const parts = [
    lines.map((line) => `- ${line}`).join('\n'),
    `Medians of ${rounds} rounds, the servers in turn; ratios are within a round, to the C++ server directly: median (lowest-highest)`,
    of('read').length > 0 && readTable(of('read'), results),
    of('row').length > 0 && rowTable(of('row'), results),
    of('ingest').length > 0 && ingestTable(results.ingest),
    of('read').length > 0 && costTable(of('read'), results),
    memory &&
      `Memory, MB: proxy ${memory.idle.proxy} idle, ${memory.after.proxy} after; its engine ${memory.idle.engine} idle, ${memory.after.engine} after`,
    starts && startLines(starts),
    aimsTable(results, starts),
  ];
  return parts.filter(Boolean).join('\n\n');
}

function spread(list) {
  return `${median(list).toFixed(2)} (${Math.min(...list).toFixed(2)}-${Math.max(...list).toFixed(2)})`;
}

function readTable(scenarios, results) {
  const lines = scenarios.map(({ name, result, streams }) => {
    const rounds = results[name];
    const mb = median(values(rounds, 'peer', 'speed')).toFixed(0);
    const others = ['engine', 'proxy', 'splice'].map((target) => spread(ratios(rounds, target, 'speed')));
    return [result, streams, mb, ...others];
  });
  const heads = ['read', 'streams', 'C++, MB/s', TITLES.engine, TITLES.proxy, TITLES.splice];
  return markdown(heads, lines);
}

function rowTable(scenarios, results) {
  const lines = scenarios.flatMap(({ name, streams, on }) =>
    on.map((target) => {
      const rounds = results[name];
      const number = (key, digits) => median(values(rounds, target, key)).toFixed(digits);
      const ratio = (key) => (target === 'peer' ? '1' : spread(ratios(rounds, target, key)));
      return [
        streams,
        TITLES[target],
        number('p50', 2),
        number('p95', 2),
        ratio('p50'),
        number('speed', 0),
        ratio('speed'),
        number('cpuMsPerCall', 2),
      ];
    }),
  );
  const heads = ['clients', 'one row', 'p50 ms', 'p95 ms', 'p50, of C++', 'queries/s', 'of C++', 'CPU ms'];
  return markdown(heads, lines);
}

function ingestTable(rounds) {
  const lines = ['engine', 'proxy', 'peer'].map((target) => [
    TITLES[target],
    (median(values(rounds, target, 'speed')) / 1e6).toFixed(2),
    target === 'peer' ? '1' : spread(ratios(rounds, target, 'speed')),
  ]);
  return markdown(['ingest of 2 million rows', 'million rows/s', 'of C++'], lines);
}

function costTable(scenarios, results) {
  const names = {
    proxy: 'proxy (without its engine)',
    splice: 'TCP splice',
    engine: 'engine',
    peer: 'C++ server',
  };
  const lines = Object.entries(names).map(([target, title]) => [
    title,
    cpuPerGb(scenarios, results, target).toFixed(2),
  ]);
  return markdown(['process', 'CPU s/GB read'], lines);
}

function startLines({ node, engine, user }) {
  const line = (title, times) =>
    `${title}: median ${median(times).toFixed(0)} ms of ${times.length} (${Math.min(...times).toFixed(0)}-${Math.max(...times).toFixed(0)})`;
  return [
    line('Node alone, start and end', node),
    line('Engine, from its start to the first answered query', engine),
    line('First query of a new user through the proxy', user),
  ].join('  \n');
}
