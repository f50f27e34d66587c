import { speakTls } from './forwarder.harness.js';

/** What the port does in the clear, all of it once more over TLS. */
const SPECS = [
  'another-engine',
  'backpressure',
  'connections',
  'endings',
  'forward',
  'large-headers',
  'reply',
];

speakTls();
for (const name of SPECS) await import(`./${name}.spec.js`);
