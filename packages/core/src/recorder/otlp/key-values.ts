import { copyOf } from '../../model/text-copy.js';
import { encoded, type ProtobufWriter } from './protobuf-writer.js';
import { anyValueTag, arrayValuesTag, keyTag, keyValueListTag, valueTag } from './tags.js';

interface EncodedKey {
  /** The field `key` of a KeyValue. */
  readonly bytes: Uint8Array;
  /** Whole KeyValues of values that come again and again; undefined for a key whose values do not. */
  values: Map<string | number | boolean, Uint8Array> | undefined;
  hitCount: number;
  missCount: number;
}

const maxKeys = 1_000;
const maxValuesPerKey = 256;
const maxValueLength = 512;
/** Of all that is kept, about. */
const maxKeptBytes = 1_048_576;
/** After so many values that were not kept, it shows whether a key is one whose values come again. */
const trialMisses = 1_024;

/**
 * Writes attributes. Names of attributes, and values that come again (a method, a route, a statement, a topic), are
 * encoded once; whether a key is of that kind shows by itself.
 */
export class KeyValues {
  private readonly keys = new Map<string, EncodedKey>();
  private keptBytes = 0;

  /** One attribute, as field `tag` of the message around it. */
  write(writer: ProtobufWriter, tag: number, key: string, value: unknown): void {
    const encodedKey = this.keys.get(key) ?? this.added(key);
    const { values } = encodedKey;
    if (values && (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')) {
      const known = values.get(value) ?? this.kept(encodedKey, values, value);
      if (known) {
        const { length } = known;
        encodedKey.hitCount++;
        writer.reserve(length + 3);
        writer.bytes[writer.position++] = tag;
        if (length < 128) writer.bytes[writer.position++] = length;
        else writer.varint(length);
        writer.bytes.set(known, writer.position);
        writer.position += length;
        return;
      }
    }
    writer.reserve(1);
    writer.bytes[writer.position++] = tag;
    const lengthBytes = typeof value === 'string' && value.length > 64 ? 2 : 1;
    const start = writer.startLength(lengthBytes);
    writer.raw(encodedKey.bytes);
    writeValue(writer, value);
    writer.endLength(start, lengthBytes);
  }

  private added(key: string): EncodedKey {
    const bytes = encoded((writer) => {
      writer.varint(keyTag);
      writer.text(key);
    });
    const added: EncodedKey = { bytes, values: undefined, missCount: 0, hitCount: 0 };
    if (this.keys.size < maxKeys) {
      added.values = new Map();
      this.keys.set(copyOf(key), added);
    }
    return added;
  }

  private kept(
    key: EncodedKey,
    values: Map<string | number | boolean, Uint8Array>,
    value: string | number | boolean,
  ): Uint8Array | undefined {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) return undefined;
    if (typeof value === 'string' && value.length > maxValueLength) return undefined;
    if (values.size >= maxValuesPerKey || this.keptBytes >= maxKeptBytes) {
      if (++key.missCount < trialMisses) return undefined;
      if (key.hitCount < key.missCount) key.values = undefined;
      key.hitCount = 0;
      key.missCount = 0;
      return undefined;
    }
    const bytes = encoded((writer) => {
      writer.raw(key.bytes);
      writeValue(writer, value);
    });
    this.keptBytes += bytes.length * 2;
    values.set(typeof value === 'string' ? copyOf(value) : value, bytes);
    return bytes;
  }
}

/** The field `value` of a KeyValue. */
function writeValue(writer: ProtobufWriter, value: unknown): void {
  writer.reserve(1);
  writer.bytes[writer.position++] = valueTag;
  writeAnyValue(writer, value);
}

/** An AnyValue with its length before it; nothing but the length for what has no value. */
export function writeAnyValue(writer: ProtobufWriter, value: unknown): void {
  const lengthBytes = typeof value === 'string' && value.length > 64 ? 2 : 1;
  const start = writer.startLength(lengthBytes);
  if (typeof value === 'string') {
    writer.varint(anyValueTag.string);
    writer.text(value);
  } else if (typeof value === 'number') {
    // The rule of the SDK: whole numbers in the range of int64 are ints, all others doubles.
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) {
      writer.varint(anyValueTag.int);
      writer.int64(value);
    } else {
      writer.varint(anyValueTag.double);
      writer.double(value);
    }
  } else if (typeof value === 'boolean') {
    writer.varint(anyValueTag.bool);
    writer.varint(value ? 1 : 0);
  } else if (Array.isArray(value)) {
    writer.varint(anyValueTag.array);
    const arrayStart = writer.startLength(1);
    for (const element of value) {
      writer.varint(arrayValuesTag);
      writeAnyValue(writer, element);
    }
    writer.endLength(arrayStart, 1);
  } else if (typeof value === 'object' && value !== null) {
    writeObject(writer, value);
  }
  writer.endLength(start, lengthBytes);
}

/** Of log records; attributes of spans have no objects. What is undefined in them is left out, as in JSON. */
function writeObject(writer: ProtobufWriter, value: object): void {
  if (value instanceof Uint8Array) {
    writer.varint(anyValueTag.bytes);
    writer.varint(value.length);
    writer.raw(value);
    return;
  }
  writer.varint(anyValueTag.keyValueList);
  const listStart = writer.startLength(1);
  for (const key of Object.keys(value)) {
    const member = (value as Readonly<Record<string, unknown>>)[key];
    if (member === undefined) continue;
    writer.varint(keyValueListTag);
    const start = writer.startLength(1);
    writer.varint(keyTag);
    writer.text(key);
    writeValue(writer, member);
    writer.endLength(start, 1);
  }
  writer.endLength(listStart, 1);
}
