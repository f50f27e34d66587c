// Fetches the clients that the tests talk with: `npm run test:setup`.
import { ensureJdbcDriver, ensurePythonClients } from './lib/clients.mjs';
import { main } from './lib/fail.mjs';
import { ensureInstalled } from './lib/prepare.mjs';

await main(async () => {
  await ensureInstalled();
  await ensurePythonClients();
  const problem = await ensureJdbcDriver();
  if (problem) console.log(`Without the JDBC driver: ${problem}. The tests of JDBC will be skipped.`);
});
