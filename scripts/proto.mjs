// Makes the code of proto/ again: `npm run proto`.
import { main } from './lib/fail.mjs';
import { generate } from './lib/generated.mjs';
import { root } from './lib/paths.mjs';

await main(() => generate(root));
