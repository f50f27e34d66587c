// Fetches what the tests talk with, clients and database servers: `npm run test:setup`.
import { ensureJdbcDriver, ensurePythonClients } from './lib/clients.mjs';
import { main } from './lib/fail.mjs';
import { ensureInstalled } from './lib/prepare.mjs';
import { ensureDatabaseServers } from './lib/servers.mjs';

await main(async () => {
  await ensureInstalled();
  await ensurePythonClients();
  const problem = await ensureJdbcDriver();
  if (problem) console.log(`Without the JDBC driver: ${problem}. The tests of JDBC will be skipped.`);
  for (const line of await ensureDatabaseServers()) console.log(line);
});
