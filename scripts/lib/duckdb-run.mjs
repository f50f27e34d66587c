// Runs the SQL that comes on standard input: `node scripts/lib/duckdb-run.mjs < file.sql`.
import { readFileSync } from 'node:fs';
import { openDuckDB } from './duckdb.mjs';

const database = openDuckDB();
try {
  database.run(readFileSync(0, 'utf8'));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  database.close();
}
