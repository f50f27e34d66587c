// The try-out for those who work on it: compiles when a source changes, bundles the engine, starts the proxy anew.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { main } from './lib/fail.mjs';
import { checkNode } from './lib/node.mjs';
import { root } from './lib/paths.mjs';
import { bundleEngine, ensureBuilt, ensureInstalled } from './lib/prepare.mjs';
import { onEndSignals, startProxy } from './lib/proxy.mjs';
import { chooseAddresses, prepareTryOut } from './lib/tryout.mjs';
import { authority } from './lib/welcome.mjs';

await main(async () => {
  checkNode();
  const addresses = await chooseAddresses();
  await ensureInstalled();
  await ensureBuilt();
  const { env } = await prepareTryOut(addresses);
  const { host, port, grpcPort } = addresses;
  console.log(
    `http://${authority(host, port)} and grpc://${authority(host, grpcPort)}; a token: npm run --silent token -- you`,
  );

  let proxy;
  const restart = async () => {
    proxy?.stop();
    await proxy?.ended;
    await bundleEngine();
    proxy = startProxy(env);
  };

  const compiler = spawn(join(root, 'node_modules/.bin/tsc'), ['-b', '--watch', '--preserveWatchOutput'], {
    cwd: root,
  });
  compiler.stderr.pipe(process.stderr);
  let turn = Promise.resolve();
  createInterface({ input: compiler.stdout }).on('line', (line) => {
    console.log(line);
    if (/Found 0 errors/.test(line)) turn = turn.then(restart).catch(console.error);
  });
  onEndSignals(() => {
    compiler.kill();
    proxy?.stop();
  });
  await new Promise((resolve) => compiler.once('close', resolve));
  proxy?.stop();
  await proxy?.ended;
});
