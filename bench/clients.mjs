import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Failure } from '../scripts/lib/fail.mjs';
import { python, root } from '../scripts/lib/paths.mjs';

/** Enough that no process waits for Python's lock on a machine of this size; 32 streams are 8 threads each. */
const PROCESSES = 4;
const MOST_STREAMS = 32;
/** No measurement may take longer. */
const PATIENCE_MS = 120_000;
/** Time for the task to reach all processes before they start together. */
const HEAD_START_S = 0.05;

/** Client processes (client.py) that work together. `versions` are those of what they run on. */
export class Clients {
  constructor(processes, versions) {
    this.processes = processes;
    this.versions = versions;
  }

  /** @param targets `{ name: { location, headers } }` */
  static async open(targets) {
    const processes = Array.from({ length: PROCESSES }, () => new ClientProcess());
    const streams = MOST_STREAMS / PROCESSES;
    const [versions] = await Promise.all(processes.map((each) => each.ask({ targets, streams })));
    return new Clients(processes, versions);
  }

  /** Does a task of client.py on so many streams. Resolves with `{ seconds, rows, bytes, ms }` of all together. */
  async run(task, streams) {
    const used = this.processes.slice(0, streams);
    const start_at = Date.now() / 1000 + HEAD_START_S;
    const share = { ...task, start_at, streams: streams / used.length };
    const answers = await Promise.all(used.map((each) => each.ask(share)));
    const sum = (key) => answers.reduce((total, answer) => total + answer[key], 0);
    const seconds = Math.max(...answers.map(({ end }) => end)) - start_at;
    return { seconds, rows: sum('rows'), bytes: sum('bytes'), ms: answers.flatMap(({ ms }) => ms) };
  }

  async close() {
    await Promise.all(this.processes.map((each) => each.close()));
  }
}

class ClientProcess {
  constructor() {
    const program = join(root, 'bench/client.py');
    this.child = spawn(python(), [program], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {}); // one that ended is told of by the missing answer
    this.ended = once(this.child, 'exit');
    this.lines = createInterface({ input: this.child.stdout })[Symbol.asyncIterator]();
  }

  async ask(task) {
    this.child.stdin.write(`${JSON.stringify(task)}\n`);
    const late = setTimeout(() => this.child.kill('SIGKILL'), PATIENCE_MS);
    const { done, value } = await this.lines.next();
    clearTimeout(late);
    if (done) throw new Failure('A client process ended, or did not answer in time: see above.');
    const answer = JSON.parse(value);
    if (answer.error !== undefined) throw new Failure(answer.error);
    return answer;
  }

  async close() {
    this.child.stdin.end();
    await this.ended;
  }
}
