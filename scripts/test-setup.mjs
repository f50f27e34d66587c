// Fetches what the tests talk with, clients and database servers: `npm run test:setup`.
import { ensureGoClient, ensureJdbcDriver, ensurePythonClients, ensureSqlAlchemy } from './lib/clients.mjs';
import { main } from './lib/fail.mjs';
import { ensureInstalled } from './lib/prepare.mjs';
import { ensureDatabaseServers } from './lib/servers.mjs';

await main(async () => {
  await ensureInstalled();
  await ensurePythonClients();
  await ensureSqlAlchemy();
  tell('JDBC driver', await ensureJdbcDriver());
  tell('Go client', await ensureGoClient());
  for (const line of await ensureDatabaseServers()) console.log(line);
});

function tell(client, problem) {
  if (problem) console.log(`Without the ${client}: ${problem}. Its tests will be skipped.`);
}
