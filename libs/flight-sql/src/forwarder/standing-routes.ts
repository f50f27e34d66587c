import { firstOf } from './headers.js';
import type { ForwardOrder } from './link.js';
import type { CallHeaders } from './types.js';

/** Of one connection; of more than these, those that were given longest ago end early. */
const MOST = 16;

/**
 * A way to an engine that calls of one connection may go without the main thread being asked for each. It holds the
 * lease of the call that it was given to: that call has ended for the main thread only when the route has.
 */
export class StandingRoute {
  private uses = 0;
  private over = false;

  constructor(
    readonly order: ForwardOrder,
    private readonly onEnd: () => void,
  ) {}

  enter(): void {
    this.uses += 1;
  }

  leave(): void {
    this.uses -= 1;
    this.endIfUnused();
  }

  /** Takes no more calls. */
  close(): void {
    if (this.over) return;
    this.over = true;
    this.endIfUnused();
  }

  private endIfUnused(): void {
    if (this.over && this.uses === 0) this.onEnd();
  }
}

/** What may stand between two calls that go the same way: everything that the router looked at is part of the key. */
interface Entry {
  readonly route: StandingRoute;
  readonly path: string;
  /** By the names of headers that engines never see; what tells users apart is among them. */
  readonly values: CallHeaders;
  readonly timer: NodeJS.Timeout;
}

/** The standing routes of one client connection, and so of one client program. */
export class StandingRoutes {
  private readonly entries: Entry[] = [];

  /** A route for a call with this path and these headers. */
  find(path: string, headers: CallHeaders): StandingRoute | undefined {
    return this.entries.find((entry) => entry.path === path && matches(entry, headers))?.route;
  }

  /** Keeps the way that a call was given for as long as its order says. */
  add(path: string, headers: CallHeaders, route: StandingRoute): void {
    const values = Object.fromEntries(route.order.dropHeaders.map((name) => [name, headers[name] ?? '']));
    const timer = setTimeout(() => this.remove(route), route.order.reuseForMs);
    this.entries.push({ route, path, values, timer });
    const [oldest] = this.entries;
    if (this.entries.length > MOST && oldest) this.remove(oldest.route);
  }

  remove(route: StandingRoute): void {
    const index = this.entries.findIndex((entry) => entry.route === route);
    if (index < 0) return;
    const [removed] = this.entries.splice(index, 1);
    clearTimeout(removed?.timer);
    route.close();
  }

  clear(): void {
    while (this.entries[0]) this.remove(this.entries[0].route);
  }
}

/** Headers that came several times never match: what they mean together is the router's to say. */
function matches({ values }: Entry, headers: CallHeaders): boolean {
  return Object.entries(values).every(([name, value]) => {
    const given = headers[name] ?? '';
    return typeof given === 'string' && given === firstOf(value) && typeof value === 'string';
  });
}
