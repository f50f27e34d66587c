import { resolve } from 'node:path';
import { Conversation } from './conversation.js';
import { prepared } from './prepared.js';

/** A Python that runs cells of code, as a notebook does, for tests that show what a user writes. */
export class Notebook {
  private readonly conversation: Conversation;

  constructor(python: string = prepared.python!) {
    this.conversation = new Conversation(python, [resolve('test/clients/notebook.py')]);
  }

  /**
   * Runs a cell, in which `values` are variables. Resolves with the value of its last line: tables as rows, schemas as
   * pairs of name and type, what JSON does not know as text. Rejects with a ClientError where Python raised one.
   */
  async run<T = unknown>(code: string, values: object = {}): Promise<T> {
    return (await this.conversation.ask(JSON.stringify({ code: dedented(code), values }))) as T;
  }

  end(): Promise<void> {
    return this.conversation.end();
  }

  kill(): Promise<void> {
    return this.conversation.kill();
  }
}

function dedented(code: string): string {
  const lines = code.split('\n').filter((line) => line.trim() !== '');
  const indent = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  return lines.map((line) => line.slice(indent)).join('\n');
}
