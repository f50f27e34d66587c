// A DuckDB as an engine has it, locked, but with no guard before it: runs the statement in its argument, and prints
// `survived` where it still can.
import { Database, duckdbLibraryPath } from '@pondpilot/duckdb';

// Its threads hold no process.
setInterval(() => {}, 1000);
const [, , tempDirectory = '', sql = ''] = process.argv;
const database = await Database.open({
  duckdbLibrary: duckdbLibraryPath(),
  memoryBytes: 512 * 1024 ** 2,
  cpus: 1,
  tempDirectory,
  extensionDirectory: undefined,
  onCrash: (error) => {
    throw error;
  },
});
await database.lock();
const session = await database.openSession();
await session.run(sql).catch((error) => process.stdout.write(`refused: ${error.message}\n`));
process.stdout.write('survived\n');
process.exit(0);
