import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, readCString } from '../native/memory.js';

/** `duckdb_type`s (duckdb.h) that need a look here. */
export const TypeId = Object.freeze({
  INVALID: 0,
  TIME: 14,
  INTERVAL: 15,
  HUGEINT: 16,
  VARCHAR: 17,
  DECIMAL: 19,
  ENUM: 23,
  LIST: 24,
  STRUCT: 25,
  MAP: 26,
  UNION: 28,
  BIT: 29,
  TIME_TZ: 30,
  UHUGEINT: 32,
  ARRAY: 33,
  BIGNUM: 35,
  SQLNULL: 36,
  TIME_NS: 39,
  VARIANT: 41,
});

/** A DuckDB type, read out. */
export interface LogicalType {
  readonly id: number;
  /** The item of a LIST or ARRAY, key and value of a MAP, the members of a STRUCT or UNION. */
  readonly children: readonly LogicalType[];
  /** Items of an ARRAY; 0 for other types. */
  readonly size: number;
}

/** A type that is destroyed after `use`. */
interface Child {
  readonly name: string;
  readonly type: Pointer;
}

export function readLogicalType(api: DuckDbApi, type: Pointer): LogicalType {
  const id = api.duckdb_get_type_id(type);
  return {
    id,
    size: id === TypeId.ARRAY ? api.duckdb_array_type_array_size(type) : 0,
    children: withChildren(api, type, (children) =>
      children.map((child) => readLogicalType(api, child.type)),
    ),
  };
}

/** Whether a type, or one within it, is one of these. */
export function holds({ id, children }: LogicalType, ids: ReadonlySet<number>): boolean {
  return ids.has(id) || children.some((child) => holds(child, ids));
}

/** Calls `use` with the types that a type consists of, which are destroyed afterwards. */
export function withChildren<T>(api: DuckDbApi, type: Pointer, use: (children: readonly Child[]) => T): T {
  const children = childrenOf(api, type);
  try {
    return use(children);
  } finally {
    for (const child of children) destroy(api, child.type);
  }
}

function childrenOf(api: DuckDbApi, type: Pointer): Child[] {
  switch (api.duckdb_get_type_id(type)) {
    case TypeId.LIST:
      return [{ name: '', type: api.duckdb_list_type_child_type(type) }];
    case TypeId.ARRAY:
      return [{ name: '', type: api.duckdb_array_type_child_type(type) }];
    case TypeId.MAP:
      return [
        { name: 'key', type: api.duckdb_map_type_key_type(type) },
        { name: 'value', type: api.duckdb_map_type_value_type(type) },
      ];
    case TypeId.STRUCT:
      return Array.from({ length: api.duckdb_struct_type_child_count(type) }, (_, index) => ({
        name: ownText(api, api.duckdb_struct_type_child_name(type, index)),
        type: api.duckdb_struct_type_child_type(type, index),
      }));
    case TypeId.UNION:
      return Array.from({ length: api.duckdb_union_type_member_count(type) }, (_, index) => ({
        name: ownText(api, api.duckdb_union_type_member_name(type, index)),
        type: api.duckdb_union_type_member_type(type, index),
      }));
    default:
      return [];
  }
}

/** A C string that DuckDB made for its caller. */
export function ownText(api: DuckDbApi, text: Pointer): string {
  try {
    return readCString(text);
  } finally {
    api.duckdb_free(text);
  }
}

function destroy(api: DuckDbApi, type: Pointer): void {
  const holder = Scratch.take(8);
  holder.setWord(0, type);
  api.duckdb_destroy_logical_type(holder.pointer);
  holder.free();
}
