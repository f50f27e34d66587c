import { Injectable } from '@nestjs/common';
import { randomId } from '@pondpilot/kernel';
import { Orchestrator } from '@pondpilot/orchestrator';

/** Engines that are remembered of one connection; of more than these, those used longest ago are not told of its end. */
const MAX_ENGINES = 256;

/** Users that may open a session over one connection; of more than these, the oldest are forgotten. */
const MAX_SESSIONS = 256;

/**
 * What is known of client connections: the sessions that were opened over them, and the engines that must be told of
 * their end.
 */
@Injectable()
export class ClientConnections {
  /** Ids of the engines that each connection has used, the latest last. */
  private readonly engines = new Map<number, Set<string>>();
  /** Ids of the sessions that each connection has opened, by user. */
  private readonly sessions = new Map<number, Map<string, string>>();
  /** Engines may outlive a proxy, and the next one counts its connections from the start. */
  private readonly proxyId = randomId();

  constructor(private readonly orchestrator: Orchestrator) {}

  /** A handshake opens a session for its connection too: JDBC shows its own token afterwards, not the new one. */
  openSession(connectionId: number, userId: string, sessionId: string): void {
    const sessions = this.sessions.get(connectionId) ?? new Map<string, string>();
    this.sessions.set(connectionId, sessions);
    sessions.set(userId, sessionId);
    const [oldest] = sessions.keys();
    if (sessions.size > MAX_SESSIONS && oldest !== undefined) sessions.delete(oldest);
  }

  /** The session that the user has opened over the connection. */
  sessionOf(connectionId: number, userId: string): string | undefined {
    return this.sessions.get(connectionId)?.get(userId);
  }

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
    this.sessions.delete(connectionId);
    for (const engineId of engines) this.orchestrator.connectionClosed(engineId, this.nameOf(connectionId));
  }

  /** Why an engine that calls went to has ended; undefined where that is not known within a moment. */
  reasonOfEnd(engineId: string): Promise<string | undefined> {
    return this.orchestrator.reasonOfEnd(engineId);
  }

  private nameOf(connectionId: number): string {
    return `${this.proxyId}-${connectionId}`;
  }
}
