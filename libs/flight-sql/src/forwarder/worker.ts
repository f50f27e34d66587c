import { parentPort, workerData } from 'node:worker_threads';
import type { MainMessage, ThreadSettings } from './link.js';
import { Serving } from './serve.js';

if (!parentPort) throw new Error('worker.js runs in a worker thread; the main thread calls startListener.');

const serving = new Serving(parentPort, workerData as ThreadSettings);
parentPort.on('message', (message: MainMessage) => serving.obey(message));
serving.listen();
