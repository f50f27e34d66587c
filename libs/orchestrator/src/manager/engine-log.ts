/** Where the manager writes its lines. Operators match on message and fields: `Container spawned user_id=… container_id=…`. */
export interface EngineLog {
  info(message: string, fields: Readonly<Record<string, string>>): void;
  warn(message: string, fields: Readonly<Record<string, string>>): void;
  error(message: string, fields: Readonly<Record<string, string>>): void;
}
