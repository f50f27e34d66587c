import type { Field } from '../arrow/field.js';

/**
 * Parameters of times and timestamps as clients are told of them: in milliseconds. The JDBC driver writes milliseconds
 * whatever unit it is told; clients that bring their own types are not bound to it, and DuckDB casts.
 */
export function inMilliseconds(root: Field): Field {
  return { ...root, children: root.children.map(parameter) };
}

function parameter(field: Field): Field {
  if (/^tt[un]$/.test(field.format)) return { ...field, format: 'ttm' };
  return { ...field, format: field.format.replace(/^ts[sun]:/, 'tsm:') };
}
