// The try-out for those who work on it: compiles when a source changes, bundles the engine, starts the proxy anew.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { Failure, main } from './lib/fail.mjs';
import { checkNode, toolEnv } from './lib/node.mjs';
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
  const [http, grpc] = env.TLS_CERT_FILE ? ['https', 'grpc+tls'] : ['http', 'grpc'];
  console.log(
    `${http}://${authority(host, port)} and ${grpc}://${authority(host, grpcPort)}; a token: npm run --silent token -- you`,
  );

  const ending = new AbortController();
  let proxy;
  const restart = async () => {
    proxy?.stop();
    await proxy?.ended;
    if (ending.signal.aborted) return;
    await bundleEngine(ending.signal);
    if (!ending.signal.aborted) proxy = startProxy(env);
  };
  /** What is interrupted fails, too: that is nothing to tell. */
  const report = (error) => {
    if (!ending.signal.aborted) console.error(error instanceof Failure ? error.message : error);
  };

  const compiler = startCompiler();
  onEndSignals(() => {
    ending.abort();
    compiler.kill();
    proxy?.stop();
  });
  let turn = Promise.resolve();
  createInterface({ input: compiler.stdout }).on('line', (line) => {
    console.log(line);
    if (/Found 0 errors/.test(line)) turn = turn.then(restart).catch(report);
  });
  await new Promise((resolve) => compiler.once('close', resolve));
  await turn;
  proxy?.stop();
  await proxy?.ended;
  if (!ending.signal.aborted) throw new Failure('The compiler ended by itself: start npm run dev again.');
});

/** In the environment of our tools, whose Node lets the compiler take its place: a signal reaches the compiler itself. */
function startCompiler() {
  const args = ['-b', '--watch', '--preserveWatchOutput'];
  const compiler = spawn('tsc', args, { cwd: root, env: toolEnv() });
  compiler.on('error', (error) => console.error(error.message));
  compiler.stderr.pipe(process.stderr);
  return compiler;
}
