/** What all servers get: the same file under the same name, and as many threads. */
export const cpus = 2;
/** Of each engine; enough for two million rows beside those that they replace. */
export const memory = '2g';
export const databaseAt = (path) => ({ alias: 'bench', type: 'duckdb', path });
