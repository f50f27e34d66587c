import { describe } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';
import { prepared } from './prepared.js';

/** Rows as a client saw them, or the exception that it threw. */
export interface Answer {
  readonly columns?: string[];
  readonly types?: string[];
  readonly rows?: unknown[][];
  readonly error?: string;
  /** Names of the exception's class and of those that it derives from. */
  readonly bases?: string[];
  readonly message?: string;
}

/** For tests that need the Python clients: skipped where there are none. */
export const describeWithPython = prepared.python ? describe : describe.skip;

/** Runs a script of test/clients with a task and resolves with its answer. */
export async function python(script: string, task: object): Promise<Answer> {
  const client = new PythonClient(script, task);
  const answers = await client.ended();
  return answers.at(-1) as Answer;
}

/** What stream.py tells. */
export interface StreamAnswer extends Answer {
  readonly event: 'first' | 'end';
  readonly bytes?: number;
  readonly last?: number;
}

/** A script of test/clients while it runs. */
export class PythonClient {
  private readonly child: ChildProcess;
  private readonly end: Promise<unknown[]>;
  private output = '';

  constructor(script: string, task: object) {
    const path = resolve('test/clients', script);
    this.child = spawn(prepared.python!, [path], { stdio: ['pipe', 'pipe', 'pipe'] });
    let errors = '';
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    this.child.stderr!.setEncoding('utf8').on('data', (text: string) => (errors += text));
    this.end = new Promise((done, failed) => {
      this.child.once('close', (code) => {
        if (code === 0 || this.child.killed) done(this.answers());
        else failed(new Error(`${script} failed:\n${errors}`));
      });
    });
    this.child.stdin!.end(JSON.stringify(task));
  }

  /** What it has answered so far. */
  answers(): unknown[] {
    const whole = this.output.slice(0, this.output.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);
  }

  /** All answers, once it ended. Rejects where it failed, with its traceback. */
  ended(): Promise<unknown[]> {
    return this.end;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}
