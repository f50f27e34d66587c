/** What the port does in the clear, all of it once more over TLS. */
import './another-engine.spec.js';
import './backpressure.spec.js';
import './connections.spec.js';
import './endings.spec.js';
import './forward.spec.js';
import './large-headers.spec.js';
import './reply.spec.js';
import { speakTls } from './forwarder.harness.js';

speakTls();
