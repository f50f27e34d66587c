import { readFileSync } from 'node:fs';
import { postgresPassword, type Login } from '../postgres.js';
import type { Attack, Effect, Way } from './attack.js';
import { marker, type World } from './world.js';

export const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
const dsn = ({ host, port, user, database }: Login) =>
  `host=${host} port=${port} user=${user} dbname=${database} password='${postgresPassword.replaceAll(/['\\]/g, '\\$&')}'`;
export const writer = (world: World) => literal(dsn(world.postgres.login('writer')));

export const returnsMarker: Effect = { returns: marker };
export const hits: Effect = { changes: (world) => world.hits() };

export const serialized = (sql: string) => `json_serialize_sql(${literal(sql)})`;
export const scanOther = (world: World) => `FROM sqlite_scan('${world.path('other.sqlite')}', 'notes')`;

export const spoil = (world: World) =>
  `COPY (SELECT 'spoilt') TO '${world.path('spare.duckdb')}' (FORMAT csv, USE_TMP_FILE false)`;
export const spareFile: Effect = { changes: (world) => readFileSync(world.path('spare.duckdb'), 'latin1') };
export const out = (name: string): Effect => ({ makes: (world) => `${world.folder}/out/${name}` });

export const settingIs = (name: string): Effect => ({
  changes: (_world, ask) => ask(`SELECT current_setting('${name}') AS now`),
});

export const sent = (steps: Attack['steps'], way: Way): Pick<Attack, 'steps' | 'way'> => ({ steps, way });
