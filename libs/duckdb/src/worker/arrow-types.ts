import type { Field, ValueCheck } from '../arrow/field.js';
import { TypeId, holds, type LogicalType } from './logical-type.js';

const CHECKED: ReadonlyMap<number, ValueCheck['kind']> = new Map([
  [TypeId.HUGEINT, 'hugeint'],
  [TypeId.TIME, 'time'],
  [TypeId.TIME_NS, 'time_ns'],
]);
const REFINED: ReadonlySet<number> = new Set([...CHECKED.keys(), TypeId.UHUGEINT]);

/**
 * A column's field as it is sent, where DuckDB's converter says too little or what is wrong: it gives all 128 bits of a
 * UHUGEINT as a decimal128, in which half of them are negative, and values that Arrow's type has not without a word.
 */
export function refined(field: Field, type: LogicalType, column = field.name): Field {
  if (!holds(type, REFINED)) return field;
  const check = CHECKED.get(type.id);
  if (check && field.layout.kind === 'fixed')
    return { ...field, layout: { ...field.layout, check: { kind: check, column } } };
  if (type.id === TypeId.UHUGEINT) return { ...field, format: 'd:39,0,256', layout: { kind: 'uhugeint' } };
  const [entries] = field.children;
  const children =
    type.id === TypeId.MAP && entries
      ? [{ ...entries, children: refineAll(entries.children, type.children, column) }]
      : refineAll(field.children, type.children, column);
  return { ...field, children };
}

function refineAll(fields: readonly Field[], types: readonly LogicalType[], column: string): Field[] {
  return fields.map((field, index) => {
    const type = types[index];
    return type ? refined(field, type, column) : field;
  });
}
