/** A message of protobuf under construction: https://protobuf.dev/programming-guides/encoding/ */
export class ProtobufWriter {
  private readonly parts: Uint8Array[] = [];
  private size = 0;

  /** A string, or bytes, or a message. Empty ones are left out, as proto3 does it, unless they are in a list. */
  bytes(field: number, value: string | Uint8Array | ProtobufWriter, isRepeated = false): this {
    const data =
      typeof value === 'string'
        ? Buffer.from(value)
        : value instanceof ProtobufWriter
          ? value.finish()
          : value;
    if (data.length === 0 && !isRepeated) return this;
    this.varint((field << 3) | 2);
    this.varint(data.length);
    this.push(data);
    return this;
  }

  /** An integer that is not negative. */
  number(field: number, value: number | bigint): this {
    if (Number(value) === 0) return this;
    this.varint(field << 3);
    this.varint(value);
    return this;
  }

  /** Integers that are not negative, in one field. */
  packed(field: number, values: readonly number[]): this {
    if (values.length === 0) return this;
    const inner = new ProtobufWriter();
    for (const value of values) inner.varint(value);
    return this.bytes(field, inner);
  }

  /** Unsigned integers of 64 bits of fixed length, in one field. */
  packedFixed64(field: number, values: readonly bigint[]): this {
    const data = Buffer.alloc(values.length * 8);
    for (const [index, value] of values.entries()) data.writeBigUInt64LE(value, index * 8);
    return this.bytes(field, data);
  }

  fixed64(field: number, value: bigint): this {
    if (value === 0n) return this;
    const data = Buffer.alloc(8);
    data.writeBigUInt64LE(value);
    this.varint((field << 3) | 1);
    this.push(data);
    return this;
  }

  finish(): Uint8Array {
    return Buffer.concat(this.parts, this.size);
  }

  private varint(value: number | bigint): void {
    const data: number[] = [];
    let rest = BigInt(value);
    while (rest > 127n) {
      data.push(Number(rest & 127n) | 128);
      rest >>= 7n;
    }
    data.push(Number(rest));
    this.push(Uint8Array.from(data));
  }

  private push(data: Uint8Array): void {
    this.parts.push(data);
    this.size += data.length;
  }
}
