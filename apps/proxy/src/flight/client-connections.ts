import { Injectable } from '@nestjs/common';
import { randomId } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';

/** Engines that are remembered of one connection; of more than these, those used longest ago are not told of its end. */
const MAX_ENGINES = 256;

/** Tells engines of the end of the client connections that used them. */
@Injectable()
export class ClientConnections {
  /** Ids of the engines that each connection has used, the latest last. */
  private readonly engines = new Map<number, Set<string>>();
  /** Engines may outlive a proxy, and the next one counts its connections from the start. */
  private readonly proxyId = randomId();

  constructor(private readonly orchestrator: Orchestrator) {}

  /** Remembers that a connection uses an engine. Returns the connection's name for engines. */
  use(connectionId: number, engineId: string): string {
    const engines = this.engines.get(connectionId) ?? new Set();
    this.engines.set(connectionId, engines);
    engines.delete(engineId);
    engines.add(engineId);
    const [oldest] = engines;
    if (engines.size > MAX_ENGINES && oldest !== undefined) engines.delete(oldest);
    return this.nameOf(connectionId);
  }

  /** The connection is gone, and no call of it is in flight. */
  closed(connectionId: number): void {
    const engines = this.engines.get(connectionId) ?? [];
    this.engines.delete(connectionId);
    for (const engineId of engines) this.orchestrator.connectionClosed(engineId, this.nameOf(connectionId));
  }

  private nameOf(connectionId: number): string {
    return `${this.proxyId}-${connectionId}`;
  }
}
