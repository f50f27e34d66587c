import type { FlightClient } from './flight.js';
import { argumentsOf, environmentOf } from './processes.js';
import type { Product } from './product.js';

const asText = (value: unknown): string =>
  JSON.stringify(value, (_key, each: unknown) => (typeof each === 'bigint' ? String(each) : each)) ?? '';

/** What holds a planted password: of what these statements answer, and of what can be seen of the product from outside. */
export async function plantedIn(
  product: Product,
  client: FlightClient,
  statements: readonly string[],
): Promise<string[]> {
  const seen: string[] = [];
  for (const sql of statements)
    seen.push(
      `${sql}: ${await client.query(sql).then(asText, (error: unknown) => String(error) + asText(error))}`,
    );
  for (const pid of [product.pid, ...product.engines()])
    seen.push(`${pid}: ${asText([environmentOf(pid), argumentsOf(pid)])}`);
  seen.push(...product.log(), asText(await product.detail()));
  return seen.filter((text) => /planted/i.test(text));
}
