// Describes the settings again, from the schema in libs/config: `npm run docs:config`.
import { main } from './lib/fail.mjs';
import { writeConfigDocs } from './lib/config-docs.mjs';

await main(writeConfigDocs);
