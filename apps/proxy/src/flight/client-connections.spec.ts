import { describe, expect, it } from '@jest/globals';
import type { Orchestrator } from '@pondpilot/orchestrator';
import { ClientConnections } from './client-connections.js';

function watched() {
  const told: string[] = [];
  const connectionClosed = (engineId: string) => void told.push(engineId);
  return { told, connections: new ClientConnections({ connectionClosed } as unknown as Orchestrator) };
}

describe('ClientConnections', () => {
  it('remembers each engine of a connection once, and those used last where they are too many', () => {
    const { told, connections } = watched();
    for (let i = 0; i < 300; i++) for (const id of ['always', `engine-${i}`]) connections.use(1, id);
    connections.closed(1);
    expect(told).toHaveLength(256);
    expect(told).toEqual(expect.arrayContaining(['always', 'engine-299', 'engine-45']));
    expect(told).not.toContain('engine-44');
  });

  it('forgets a connection that has closed', () => {
    const { told, connections } = watched();
    connections.use(1, 'one');
    connections.use(2, 'two');
    for (const id of [1, 1, 3]) connections.closed(id);
    expect(told).toEqual(['one']);
  });
});
