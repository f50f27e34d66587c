import { ConfigError, type TlsConfig } from '@pondpilot/config';
import type { Log } from '@pondpilot/observability';
import { readTlsFiles, type Certificate } from './tls-files.js';

/** How often the files are looked at. Their content is: links are swapped, and files come with old dates. */
const CHECK_EVERY_MS = 5_000;

const DAY_MS = 86_400_000;
/** A certificate that ends within this time is told of; one that is short-lived, in the last third of its life. */
const SOON_MS = 14 * DAY_MS;

type OnChange = (certificate: Certificate) => void;

/** The certificate in use, which follows its files while the proxy runs. */
export class Certificates {
  private timer: NodeJS.Timeout | undefined;
  private onChange: OnChange = () => {};
  /** What the files held when they were last taken, or refused. */
  private judged: string;
  /** What they held at the last look, where it was neither. */
  private pending: string | undefined;
  private warnedAt = -Infinity;

  private constructor(
    private readonly config: TlsConfig,
    public current: Certificate,
    pem: string,
  ) {
    this.judged = pem;
  }

  /** @throws ConfigError with a line for each file that can't be used */
  static read(config: TlsConfig): Certificates {
    const { pem, read } = readTlsFiles(config);
    if ('problems' in read) throw new ConfigError(read.problems);
    return new Certificates(config, read, pem);
  }

  /** Looks at the files again and again, and tells `onChange` of each certificate that is new and good. */
  follow(log: Log, onChange: OnChange, everyMs = CHECK_EVERY_MS): void {
    this.onChange = onChange;
    this.warnOfEnd(log);
    this.timer = setInterval(() => this.look(log), everyMs).unref();
  }

  /** Reads the files now, and tells of the result whether they have changed or not. */
  reload(log: Log): void {
    this.judge(log, readTlsFiles(this.config));
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Two files are not replaced in one instant: what is bad is bad when it is so at two looks. */
  private look(log: Log): void {
    this.warnOfEnd(log);
    const found = readTlsFiles(this.config);
    if (found.pem === this.judged) this.pending = undefined;
    else if ('problems' in found.read && found.pem !== this.pending) this.pending = found.pem;
    else this.judge(log, found);
  }

  private judge(log: Log, { pem, read }: ReturnType<typeof readTlsFiles>): void {
    this.judged = pem;
    this.pending = undefined;
    if ('problems' in read) {
      log.error('TLS certificate not reloaded', { error: read.problems.join('; ') });
      return;
    }
    this.current = read;
    this.onChange(read);
    log.info('TLS certificate reloaded', { not_after: read.notAfter.toISOString() });
    this.warnedAt = -Infinity;
    this.warnOfEnd(log);
  }

  /** Once a day: the certificate that nobody renewed is one of a proxy that runs for long. */
  private warnOfEnd(log: Log): void {
    const { notBefore, notAfter } = this.current;
    const now = Date.now();
    if (now - this.warnedAt < DAY_MS) return;
    const left = notAfter.getTime() - now;
    const soon = Math.min(SOON_MS, (notAfter.getTime() - notBefore.getTime()) / 3);
    if (left > Math.max(0, soon)) return;
    this.warnedAt = now;
    const message = left > 0 ? 'TLS certificate expires soon' : 'TLS certificate has expired';
    log.warn(message, { not_after: notAfter.toISOString() });
  }
}
