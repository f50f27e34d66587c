/** What all servers get: the same file under the same name, and as many threads. */
export const cpus = 2;
export const memory = '512m';
export const databaseAt = (path) => ({ alias: 'bench', type: 'duckdb', path });
