// The try-out on one command: installs, builds, makes samples and a secret, starts the proxy, says what to paste.
// Needs Node 20.19 and npm, nothing else; everything else it finds out or fetches.
import { join } from 'node:path';
import { Failure, main } from './lib/fail.mjs';
import { checkNode, runtimeNode } from './lib/node.mjs';
import { root } from './lib/paths.mjs';
import { ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { onEndSignals, startProxy, untilReady } from './lib/proxy.mjs';
import { run } from './lib/run.mjs';
import { chooseAddresses, prepareTryOut } from './lib/tryout.mjs';
import { authority, welcome } from './lib/welcome.mjs';

await main(async () => {
  checkNode();
  const addresses = await chooseAddresses();
  await ensureInstalled();
  await ensureBuilt();
  const { env, ...queries } = await prepareTryOut(addresses);
  const proxy = startProxy(env);
  onEndSignals(proxy.stop);
  try {
    const url = await untilReady(`http://${authority(addresses.host, addresses.port)}`, proxy.ended);
    if (url) console.log(welcome({ ...addresses, url, token: await makeToken(env), ...queries }));
  } catch (error) {
    proxy.stop();
    await proxy.ended;
    throw error;
  }
  process.exitCode = await proxy.ended;
});

async function makeToken(env) {
  const made = await run(runtimeNode(), [join(root, 'scripts/token.mjs'), 'you', '--ttl', '8h'], { env });
  if (made.code !== 0) throw new Failure(made.output.trim());
  return made.output.trim();
}
