import { DomainError, secretsEqual } from '@pondpilot/kernel';

/** Whose engine this is. Set once, for good. */
export class Claim {
  private name: string | undefined;
  private secret: string | undefined;

  /** As it was told; undefined while nobody has claimed the engine. */
  get owner(): string | undefined {
    return this.name;
  }

  /** What calls on the data port must carry; undefined while nobody has claimed the engine. */
  get callSecret(): string | undefined {
    return this.secret;
  }

  /** Throws `unauthenticated` for a call without the secret. */
  require(callSecret: string | undefined): void {
    if (this.secret === undefined || !secretsEqual(callSecret ?? '', this.secret))
      throw new DomainError('unauthenticated', 'This is an engine: connect to the proxy instead.');
  }

  /** Throws `failed_precondition` where the engine is somebody else's. */
  set(owner: string, callSecret: string): void {
    if (owner === '' || callSecret === '')
      throw new DomainError('invalid_argument', 'A claim needs an owner and a call secret.');
    const same = this.name === owner && secretsEqual(this.secret ?? '', callSecret);
    if (this.name !== undefined && !same)
      throw new DomainError('failed_precondition', 'The engine belongs to another owner.');
    this.name = owner;
    this.secret = callSecret;
  }
}
