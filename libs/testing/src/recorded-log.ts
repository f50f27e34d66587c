type Fields = Readonly<Record<string, string>>;

/** A log that keeps its lines for a test to look at. */
export class RecordedLog {
  readonly lines: Array<{ level: 'debug' | 'info' | 'warn' | 'error'; message: string; fields: Fields }> = [];

  debug(message: string, fields: Fields): void {
    this.lines.push({ level: 'debug', message, fields });
  }

  info(message: string, fields: Fields): void {
    this.lines.push({ level: 'info', message, fields });
  }

  warn(message: string, fields: Fields): void {
    this.lines.push({ level: 'warn', message, fields });
  }

  error(message: string, fields: Fields): void {
    this.lines.push({ level: 'error', message, fields });
  }

  /** The fields of each line with this message. */
  fieldsOf(message: string): Fields[] {
    return this.lines.filter((line) => line.message === message).map((line) => line.fields);
  }
}
