import { cpus as cores, loadavg, totalmem } from 'node:os';
import { runtimeNode } from '../scripts/lib/node.mjs';
import { duckdb } from '../scripts/lib/paths.mjs';
import { run } from '../scripts/lib/run.mjs';
import { cpus, memory } from './same-for-all.mjs';

/** On what it was measured, as lines. `versions` are those of the Python side. */
export async function conditions(versions) {
  const all = cores();
  const node = (await run(runtimeNode(), ['--version'])).output.trim();
  return [
    `${all.length} cores (${all[0]?.model}), ${Math.round(totalmem() / 1e9)} GB; ${cpus} threads and ${memory} for each DuckDB; loopback`,
    `Node ${node}, DuckDB ${duckdb().version}; C++ side: pyarrow ${versions.pyarrow}, DuckDB ${versions.duckdb}, Python ${versions.python}`,
    `${new Date().toISOString().slice(0, 10)}, load average ${loadavg()[1].toFixed(1)} (5 minutes) at the end`,
  ];
}
