// How fast it is: `npm run bench`. One client process reads from the engine directly, through the proxy, and from a
// C++ server on Python's DuckDB over the same file, round by round in turn, so that the ratios hold on a busy machine.
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { ensurePythonClients } from '../scripts/lib/clients.mjs';
import { main } from '../scripts/lib/fail.mjs';
import { checkNode } from '../scripts/lib/node.mjs';
import { python, root } from '../scripts/lib/paths.mjs';
import { ensureBuilt, ensureInstalled } from '../scripts/lib/prepare.mjs';
import { step, succeeded } from '../scripts/lib/progress.mjs';
import { run } from '../scripts/lib/run.mjs';
import { ensureLineitem } from './data.mjs';
import { childrenOf, residentMb } from './processes.mjs';
import { startEngine, startPeer, startProxyFor } from './servers.mjs';
import { table } from './table.mjs';

const rounds = Number(process.env.ROUNDS) || 7;
const sql = { read_sql: 'SELECT * FROM bench.lineitem', row_sql: 'SELECT 42 AS answer' };
/** Time to settle after the first query, before memory is looked at. */
const settleMs = 3000;

await main(async () => {
  checkNode();
  await ensureInstalled();
  await ensureBuilt();
  await ensurePythonClients();
  const file = await ensureLineitem();
  const servers = [];
  try {
    const start = async (make) => (servers.push(await make(file)), servers.at(-1));
    const [engine, proxy, peer] = [
      await start(startEngine),
      await start(startProxyFor),
      await start(startPeer),
    ];
    const targets = [
      { name: 'engine', ...engine.target },
      { name: 'proxy', ...proxy.target },
      { name: 'peer', ...peer.target },
    ];
    await measure({ targets: targets.slice(0, 2), rounds: 0, row_calls: 1, ...sql, read_sql: sql.row_sql });
    await sleep(settleMs);
    const idle = { proxy: residentMb(proxy.pid), engine: childrenOf(proxy.pid).map(residentMb) };
    let results;
    await step(`Measuring, ${rounds} rounds`, async () => {
      results = await measure({ targets, rounds, row_calls: 200, ...sql });
    });
    console.log(table(results, rounds, idle));
  } finally {
    for (const server of servers.toReversed()) await server.stop();
  }
});

async function measure(task) {
  const client = join(root, 'bench/client.py');
  const output = succeeded(await run(python(), [client], { input: JSON.stringify(task) }), 'The client');
  return JSON.parse(output);
}
