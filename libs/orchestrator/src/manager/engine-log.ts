import type { Slot } from './slot.js';

/** Where the manager writes its lines. Operators match on message and fields: `Container spawned user_id=… container_id=…`. */
export interface EngineLog {
  debug(message: string, fields: Readonly<Record<string, string>>): void;
  info(message: string, fields: Readonly<Record<string, string>>): void;
  warn(message: string, fields: Readonly<Record<string, string>>): void;
  error(message: string, fields: Readonly<Record<string, string>>): void;
}

/** What every line about an engine has; one that is nobody's has no user. */
export function fieldsOf(slot: Slot): { user_id?: string; container_id: string } {
  const container_id = slot.engine?.id ?? '';
  return slot.spare ? { container_id } : { user_id: slot.owner.userId, container_id };
}
