import { DomainError } from '@pondpilot/kernel';
import type { DuckDbApi, Pointer } from '../native/api.js';
import { Scratch, allocate, cString, free, viewMemory } from '../native/memory.js';
import {
  SCALAR_IDS,
  type ParameterType,
  type ParameterValue,
  type ScalarName,
} from '../parameters/parameter-type.js';

type Make = (api: DuckDbApi, value: never) => Pointer;

const text = new TextEncoder();

/** How a value of each type without parts is made. */
const MAKE: Readonly<Record<ScalarName, Make>> = {
  null: (api) => api.duckdb_create_null_value(),
  boolean: (api, value: boolean) => api.duckdb_create_bool(value),
  tinyint: (api, value: number) => api.duckdb_create_int8(value),
  smallint: (api, value: number) => api.duckdb_create_int16(value),
  integer: (api, value: number) => api.duckdb_create_int32(value),
  bigint: (api, value: bigint) => api.duckdb_create_int64(value),
  utinyint: (api, value: number) => api.duckdb_create_uint8(value),
  usmallint: (api, value: number) => api.duckdb_create_uint16(value),
  uinteger: (api, value: number) => api.duckdb_create_uint32(value),
  ubigint: (api, value: bigint) => api.duckdb_create_uint64(value),
  float: (api, value: number) => api.duckdb_create_float(value),
  double: (api, value: number) => api.duckdb_create_double(value),
  date: (api, value: bigint) => api.duckdb_create_date(Number(value)),
  time: (api, value: bigint) => api.duckdb_create_time(value),
  time_ns: (api, value: bigint) => api.duckdb_create_time_ns(value),
  timestamp: (api, value: bigint) => api.duckdb_create_timestamp(value),
  timestamp_s: (api, value: bigint) => api.duckdb_create_timestamp_s(value),
  timestamp_ms: (api, value: bigint) => api.duckdb_create_timestamp_ms(value),
  timestamp_ns: (api, value: bigint) => api.duckdb_create_timestamp_ns(value),
  timestamp_tz: (api, value: bigint) => api.duckdb_create_timestamp_tz(value),
  interval: (api, [months, days, micros]: [number, number, bigint]) =>
    api.duckdb_create_interval({ months, days, micros }),
  hugeint: (api, value: bigint) => makeDecimal(api, 38, 0, value),
  uhugeint: (api, value: bigint) => {
    if (BigInt.asUintN(128, value) !== value)
      throw new DomainError(
        'invalid_argument',
        `A parameter is beyond DuckDB's numbers of 39 digits: ${value}.`,
      );
    return api.duckdb_create_uhugeint({ lower: BigInt.asUintN(64, value), upper: value >> 64n });
  },
  uuid: (api, value: Uint8Array) => {
    const bytes = new DataView(value.buffer, value.byteOffset, 16);
    return api.duckdb_create_uuid({ upper: bytes.getBigUint64(0), lower: bytes.getBigUint64(8) });
  },
  varchar: (api, value: string) => {
    const bytes = text.encode(value);
    return api.duckdb_create_varchar_length(bytes, bytes.byteLength);
  },
  blob: (api, value: Uint8Array) => api.duckdb_create_blob(value, value.byteLength),
};

function makeDecimal(api: DuckDbApi, width: number, scale: number, value: bigint): Pointer {
  const words = { lower: BigInt.asUintN(64, value), upper: BigInt.asIntN(64, value >> 64n) };
  return api.duckdb_create_decimal({ width, scale, value: words });
}

/** Makes `duckdb_value`s and `duckdb_logical_type`s. Whoever asks for one destroys it. */
export class NativeValues {
  private readonly out = new Scratch(8);

  constructor(private readonly api: DuckDbApi) {}

  /** Throws `invalid_argument` where DuckDB takes no such value. */
  value(type: ParameterType, value: ParameterValue): Pointer {
    const made = this.make(type, value);
    // DuckDB would look behind it when it becomes a part of another one.
    if (made !== 0) return made;
    throw new DomainError(
      'invalid_argument',
      `DuckDB does not take the value of a parameter (${type.kind}).`,
    );
  }

  private make(type: ParameterType, value: ParameterValue): Pointer {
    const { api } = this;
    if (value === null) return api.duckdb_create_null_value();
    switch (type.kind) {
      case 'scalar':
        return MAKE[type.name](api, value as never);
      case 'decimal':
        return makeDecimal(api, type.width, type.scale, value as bigint);
      case 'list':
      case 'array': {
        const items = value as readonly ParameterValue[];
        const make = type.kind === 'list' ? api.duckdb_create_list_value : api.duckdb_create_array_value;
        return this.withType(type.item, (item) =>
          this.withValues(
            items,
            () => type.item,
            (values) => make(item, values, items.length),
          ),
        );
      }
      case 'struct': {
        const fields = value as readonly ParameterValue[];
        return this.withType(type, (struct) =>
          this.withValues(
            fields,
            (i) => type.types[i]!,
            (values) => api.duckdb_create_struct_value(struct, values),
          ),
        );
      }
      case 'map':
        return this.map(type, value as readonly (readonly [ParameterValue, ParameterValue])[]);
      case 'union': {
        const [tag, member] = value as readonly [number, ParameterValue];
        const memberType = type.types[tag]!;
        return this.withType(type, (union) => {
          const holder = Scratch.take(8);
          holder.setWord(0, member === null ? this.nullOf(memberType) : this.value(memberType, member));
          try {
            return api.duckdb_create_union_value(union, tag, holder.word(0));
          } finally {
            api.duckdb_destroy_value(holder.pointer);
            holder.free();
          }
        });
      }
    }
  }

  /** NULL of a type: DuckDB's own null has none, and a column made of it would be an INTEGER. */
  nullOf(type: ParameterType): Pointer {
    const list = this.value({ kind: 'list', item: type }, [null]);
    try {
      return this.api.duckdb_get_list_child(list, 0);
    } finally {
      this.destroyValue(list);
    }
  }

  destroyValue(value: Pointer): void {
    this.out.setWord(0, value);
    this.api.duckdb_destroy_value(this.out.pointer);
  }

  private map(
    type: ParameterType & { kind: 'map' },
    pairs: readonly (readonly [ParameterValue, ParameterValue])[],
  ): Pointer {
    const [keys, values] = [pairs.map(([key]) => key), pairs.map(([, value]) => value)];
    return this.withType(type, (map) =>
      this.withValues(
        keys,
        () => type.key,
        (nativeKeys) =>
          this.withValues(
            values,
            () => type.value,
            (nativeValues) => this.api.duckdb_create_map_value(map, nativeKeys, nativeValues, pairs.length),
          ),
      ),
    );
  }

  private logicalType(type: ParameterType): Pointer {
    const { api } = this;
    switch (type.kind) {
      case 'scalar':
        return api.duckdb_create_logical_type(SCALAR_IDS[type.name]);
      case 'decimal':
        return api.duckdb_create_decimal_type(type.width, type.scale);
      case 'list':
        return this.withType(type.item, (item) => api.duckdb_create_list_type(item));
      case 'array':
        return this.withType(type.item, (item) => api.duckdb_create_array_type(item, type.size));
      case 'map':
        return this.withType(type.key, (key) =>
          this.withType(type.value, (value) => api.duckdb_create_map_type(key, value)),
        );
      case 'struct':
        return this.withMembers(type, api.duckdb_create_struct_type);
      case 'union':
        return this.withMembers(type, api.duckdb_create_union_type);
    }
  }

  private withMembers(
    { names, types }: { readonly names: readonly string[]; readonly types: readonly ParameterType[] },
    make: (types: Pointer, names: Pointer, count: number) => Pointer,
  ): Pointer {
    const nativeTypes = new Words(types.length);
    const nativeNames = new Words(names.length);
    types.forEach((type, i) => nativeTypes.set(i, this.logicalType(type)));
    names.forEach((name, i) => nativeNames.set(i, cString(name)));
    try {
      return make(nativeTypes.pointer, nativeNames.pointer, types.length);
    } finally {
      types.forEach((_, i) => this.api.duckdb_destroy_logical_type(nativeTypes.at(i)));
      names.forEach((_, i) => free(nativeNames.get(i)));
      nativeTypes.free();
      nativeNames.free();
    }
  }

  private withType<T>(type: ParameterType, use: (native: Pointer) => T): T {
    const holder = Scratch.take(8);
    holder.setWord(0, this.logicalType(type));
    try {
      return use(holder.word(0));
    } finally {
      this.api.duckdb_destroy_logical_type(holder.pointer);
      holder.free();
    }
  }

  /** Calls `use` with the address of an array of values, which are destroyed afterwards. */
  private withValues(
    values: readonly ParameterValue[],
    typeOf: (index: number) => ParameterType,
    use: (array: Pointer) => Pointer,
  ): Pointer {
    const native = new Words(values.length);
    values.forEach((value, i) => native.set(i, this.value(typeOf(i), value)));
    try {
      return use(native.pointer);
    } finally {
      values.forEach((_, i) => this.api.duckdb_destroy_value(native.at(i)));
      native.free();
    }
  }
}

/** Native memory for pointers. */
class Words {
  readonly pointer: Pointer;
  private readonly words: BigUint64Array;

  constructor(count: number) {
    const bytes = Math.max(count, 1) * 8;
    this.pointer = allocate(bytes);
    this.words = new BigUint64Array(viewMemory(this.pointer, bytes));
    // Null pointers are skipped where what came before them is destroyed.
    this.words.fill(0n);
  }

  at(index: number): Pointer {
    return this.pointer + index * 8;
  }

  get(index: number): Pointer {
    return Number(this.words[index]);
  }

  set(index: number, value: Pointer): void {
    this.words[index] = BigInt(value);
  }

  free(): void {
    free(this.pointer);
  }
}
