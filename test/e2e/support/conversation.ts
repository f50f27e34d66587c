import { spawn, type ChildProcess } from 'node:child_process';

/** What a client's program says of an exception. */
interface ToldError {
  readonly error: string;
  readonly bases?: string[];
  readonly message: string;
}

/** An exception inside a client's program: `name` is its class, `bases` are that class and those it derives from. */
export class ClientError extends Error {
  readonly bases: readonly string[];

  constructor({ error, bases = [error], message }: ToldError) {
    super(message);
    this.name = error;
    this.bases = bases;
  }
}

/** A client's program that answers each line on its standard input with one line of JSON on its standard output. */
export class Conversation {
  private readonly child: ChildProcess;
  private readonly waiting: { done: (answer: unknown) => void; failed: (error: Error) => void }[] = [];
  private errors = '';

  constructor(
    private readonly program: string,
    args: readonly string[],
  ) {
    this.child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let rest = '';
    this.child.stdout!.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.hear(line);
    });
    // The end of it: some drivers log a lot.
    this.child
      .stderr!.setEncoding('utf8')
      .on('data', (text: string) => (this.errors = (this.errors + text).slice(-20_000)));
    this.child.stdin!.on('error', () => {});
    const end = (why: unknown) => {
      const error = new Error(`${this.program} ended (${String(why)}):\n${this.errors}`);
      for (const { failed } of this.waiting.splice(0)) failed(error);
    };
    this.child.once('error', end).once('close', end);
  }

  /** Sends one line and resolves with its answer. Rejects with a ClientError where the program caught an exception. */
  ask(line: string): Promise<unknown> {
    return new Promise((done, failed) => {
      this.waiting.push({ done, failed });
      this.child.stdin!.write(`${line}\n`);
    });
  }

  /** Closes its standard input, which ends it, and waits for that. */
  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once('close', done));
    const late = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    this.child.stdin!.end();
    await ended;
    clearTimeout(late);
  }

  /** Ends it as a crash would: nothing is closed. */
  async kill(): Promise<void> {
    const ended = new Promise((done) => this.child.once('close', done));
    this.child.kill('SIGKILL');
    await ended;
  }

  private hear(line: string): void {
    const asked = this.waiting.shift();
    if (!asked) return;
    try {
      const { answer, ...told } = JSON.parse(line) as { answer?: unknown } & Partial<ToldError>;
      if (told.error === undefined) asked.done(answer);
      else asked.failed(new ClientError(told as ToldError));
    } catch {
      asked.failed(new Error(`${this.program} said what is no answer: ${line}\n${this.errors}`));
    }
  }
}
