import { createHmac, hkdfSync } from 'node:crypto';

const KEY_BYTES = 32;
/** Enough that no two deployments on one machine meet, and short enough for names. */
const DEPLOYMENT_DIGITS = 16;

/**
 * What a proxy must know of its engines after a restart without having kept it anywhere: all of it follows from a secret
 * that stays, and the engine's id. Who changes that secret starts another deployment.
 */
export class EngineKeys {
  private readonly key: Buffer;

  /** @param secret at least 32 characters; only a key derived from it is kept (HKDF, RFC 5869) */
  constructor(secret: string) {
    this.key = Buffer.from(hkdfSync('sha256', secret, '', 'pondpilot engines', KEY_BYTES));
  }

  /** Names the deployment. Safe to show, and fit for names of containers. */
  get deployment(): string {
    return this.mac('deployment').toString('hex').slice(0, DEPLOYMENT_DIGITS);
  }

  /** What control calls to an engine carry. A secret. */
  control(engineId: string): string {
    return this.mac(`control ${engineId}`).toString('base64url');
  }

  /** What calls on an engine's data port carry. A secret. */
  call(engineId: string): string {
    return this.mac(`call ${engineId}`).toString('base64url');
  }

  /** What an engine is told with its owner, and says again to the next proxy: it can say it of nobody else. */
  owner(engineId: string, owner: string): string {
    return this.mac(`owner ${engineId} ${owner}`).toString('base64url');
  }

  /** The same for the same text; says nothing of it to who lacks the key, so a text with passwords may be shown by it. */
  fingerprint(text: string): string {
    return this.mac(`fingerprint ${text}`).toString('hex');
  }

  private mac(purpose: string): Buffer {
    return createHmac('sha256', this.key).update(purpose).digest();
  }
}
