const startBytes = 4_096;

/**
 * Writes protobuf (https://protobuf.dev/programming-guides/encoding/) into memory that grows and is used again.
 * Nothing is allocated per message.
 */
export class ProtobufWriter {
  bytes: Buffer = Buffer.alloc(0);
  position = 0;

  /** Makes room for so many bytes from here. */
  reserve(count: number): void {
    const needed = this.position + count;
    if (needed <= this.bytes.length) return;
    // Not from the pool that Node shares among small buffers: this one lives long.
    const grown = Buffer.allocUnsafeSlow(Math.max(startBytes, this.bytes.length * 2, needed));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
  }

  /** Starts from the beginning; memory beyond `keepBytes` is given back. */
  reset(keepBytes: number): void {
    this.position = 0;
    if (this.bytes.length > keepBytes) this.bytes = Buffer.alloc(0);
  }

  /** A whole number from 0 to 2^53. */
  varint(value: number): void {
    this.reserve(8);
    this.uncheckedVarint(value);
  }

  private uncheckedVarint(value: number): void {
    let rest = value;
    while (rest > 0x7f_ff_ff_ff) {
      this.bytes[this.position++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    while (rest > 0x7f) {
      this.bytes[this.position++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.position++] = rest;
  }

  /** A whole number in the range of int64, negative ones as two's complement. */
  int64(value: number): void {
    if (value >= 0 && value <= Number.MAX_SAFE_INTEGER) {
      this.varint(value);
      return;
    }
    this.bigVarint(BigInt.asUintN(64, BigInt(value)));
  }

  /** A whole number of 64 bits without a sign. */
  bigVarint(value: bigint): void {
    this.reserve(10);
    let rest = value;
    while (rest > 0x7fn) {
      this.bytes[this.position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.bytes[this.position++] = Number(rest);
  }

  /** A whole number of 64 bits without a sign, in eight bytes. */
  fixed64(value: bigint): void {
    this.reserve(8);
    this.position = this.bytes.writeBigUInt64LE(value, this.position);
  }

  fixed32(value: number): void {
    this.reserve(4);
    this.bytes[this.position++] = value;
    this.bytes[this.position++] = value >>> 8;
    this.bytes[this.position++] = value >>> 16;
    this.bytes[this.position++] = value >>> 24;
  }

  double(value: number): void {
    this.reserve(8);
    this.position = this.bytes.writeDoubleLE(value, this.position);
  }

  /**
   * Seconds and nanoseconds since 1970 as nanoseconds in 64 bits. The type has no sign: what is before 1970 becomes 0,
   * which OTLP reads as "unknown", instead of a time in the year 2554.
   */
  unixNanos(seconds: number, nanos: number): void {
    this.reserve(8);
    if (seconds < 0 || seconds >= 18_446_744_073) {
      const end = this.position + 8;
      this.bytes.fill(seconds < 0 ? 0 : 0xff, this.position, end);
      this.position = end;
      return;
    }
    // A double is not exact here. The low half is, by the arithmetic of 32 bits, and so is the high half once
    // the low one is taken off and the rest is rounded to a multiple of 2^32.
    const low = ((Math.imul(seconds, 1e9) >>> 0) + nanos) >>> 0;
    const high = Math.round((seconds * 1e9 + nanos - low) / 0x1_0000_0000);
    this.fixed32(low);
    this.fixed32(high);
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.bytes.set(bytes, this.position);
    this.position += bytes.length;
  }

  /** An id in hexadecimal digits, as so many bytes with their length before them. */
  id(tag: number, hex: string, byteCount: number): void {
    this.reserve(2 + byteCount);
    const { bytes } = this;
    let position = this.position;
    bytes[position++] = tag;
    bytes[position++] = byteCount;
    const end = position + byteCount;
    this.position = end;
    // Below zero, or with bits beyond the seven of ASCII, as soon as one character is no digit.
    let seen = 0;
    for (let i = 0; position < end; i += 2) {
      const first = hex.charCodeAt(i);
      const second = hex.charCodeAt(i + 1);
      const byte = ((digitValues[first & 0x7f] as number) << 4) | (digitValues[second & 0x7f] as number);
      seen |= byte | ((first | second) & ~0x7f);
      bytes[position++] = byte;
    }
    if (seen < 0 || seen > 0xff) this.zerosAfterLastDigit(hex, byteCount);
  }

  /** An id that ends early, or that has something else in it, is followed by zeros. */
  private zerosAfterLastDigit(hex: string, byteCount: number): void {
    let pairs = 0;
    while (pairs < byteCount && /^[\da-f]{2}$/i.test(hex.slice(pairs * 2, pairs * 2 + 2))) pairs++;
    this.bytes.fill(0, this.position - byteCount + pairs, this.position);
  }

  /** A text with its length before it. */
  text(text: string): void {
    const { length } = text;
    if (length < 128) {
      this.reserve(1 + length);
      if (this.asciiAt(text, this.position + 1)) {
        this.bytes[this.position] = length;
        this.position += 1 + length;
        return;
      }
    }
    const byteCount = Buffer.byteLength(text);
    this.reserve(8 + byteCount);
    this.uncheckedVarint(byteCount);
    this.position += this.bytes.write(text, this.position, byteCount, 'utf8');
  }

  private asciiAt(text: string, start: number): boolean {
    const { length } = text;
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      bytes[start + i] = code;
    }
    return true;
  }

  /**
   * Begins what has its length before it; to be ended by {@link endLength} with what this returns.
   *
   * @param lengthBytes how many bytes the length will probably take; a wrong guess costs a copy, nothing else
   */
  startLength(lengthBytes: number): number {
    this.reserve(lengthBytes);
    this.position += lengthBytes;
    return this.position;
  }

  endLength(start: number, lengthBytes: number): void {
    const length = this.position - start;
    const needed = varintLength(length);
    if (needed !== lengthBytes) {
      this.reserve(needed);
      this.bytes.copyWithin(start - lengthBytes + needed, start, this.position);
    }
    this.position = start - lengthBytes;
    this.uncheckedVarint(length);
    this.position += length;
  }
}

const digitValues = new Int8Array(128).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  digitValues[digit.charCodeAt(0)] = value;
  digitValues[digit.toUpperCase().charCodeAt(0)] = value;
}

export function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Bytes that are written once and then copied. */
export function encoded(write: (writer: ProtobufWriter) => void): Uint8Array {
  const writer = new ProtobufWriter();
  write(writer);
  return Uint8Array.prototype.slice.call(writer.bytes, 0, writer.position);
}
