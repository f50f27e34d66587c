import { startThread } from '@pondpilot/duckdb/start-thread';

// As the bundle lays it out, see build.mjs. Before all else: the thread takes as long to load as the engine does, beside it.
const entry = new URL('./worker/thread.mjs', import.meta.url);
const first = startThread(entry);
const { run } = await import('./run.js');
await run({ entry, first });
