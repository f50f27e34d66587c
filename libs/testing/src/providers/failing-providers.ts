import { FakeProvider, SlowProvider } from './fake-provider.js';

/** Its launches never come to an end by themselves, and neither do its stops; only closing it ends them. */
export class NeverProvider extends SlowProvider {
  override readonly name: string = 'never';

  override goOn(): void {
    if (this.closed) super.goOn();
  }
}

/** Nothing can be started on it. */
export class BadProvider extends FakeProvider {
  override readonly name = 'bad';
  override launchError: Error | undefined = new Error('no space left on device');
}
