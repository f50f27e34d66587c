import { EngineState, type EngineHealth } from '@pondpilot/engine-api';

export type HealthFacts = Partial<Pick<EngineHealth, 'state' | 'openTransactions' | 'outdated' | 'owner'>> & {
  readonly databases?: ReadonlyArray<{ alias: string; attached: boolean; problem: string }>;
  readonly statements?: number;
};

/** Answers for engines that exist in memory only: all is well with them, unless a test says otherwise. */
export class FakeHealth {
  /** Ids of the engines asked, in order. */
  readonly asked: string[] = [];
  /** Applies to engines of which nothing else is said. */
  everyone: HealthFacts | 'silent' = {};
  /** What each answer, made up when it was asked for, waits for. */
  gate: Promise<unknown> = Promise.resolve();
  private readonly facts = new Map<string, HealthFacts | 'silent'>();

  /** What this engine says from now on; nothing where it is `silent`. */
  say(engineId: string, facts: HealthFacts | 'silent'): void {
    this.facts.set(engineId, facts);
  }

  /** As the manager asks: rejects for a silent engine, as if its time were over. */
  readonly ask = async ({ id }: { readonly id: string }): Promise<EngineHealth> => {
    this.asked.push(id);
    const facts = this.facts.get(id) ?? this.everyone;
    await this.gate;
    if (facts === 'silent') throw new Error('4 DEADLINE_EXCEEDED: Deadline exceeded');
    const statements = Array.from({ length: facts.statements ?? 0 }, (_, index) => ({ id: String(index) }));
    const well = { state: EngineState.SERVING, openTransactions: 0, outdated: false, databases: [] };
    return { ...well, ...facts, statements } as unknown as EngineHealth;
  };
}
