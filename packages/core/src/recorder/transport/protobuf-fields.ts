/**
 * Calls with each field of a protobuf message: a number for a varint, bytes for what has a length. Others are passed over.
 *
 * @throws if it is no message
 */
export function eachField(bytes: Uint8Array, use: (field: number, value: number | Uint8Array) => void): void {
  let position = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[position++];
      if (byte === undefined) throw new Error('The message ends too early.');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  while (position < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    if (type === 0) use(Math.floor(tag / 8), varint());
    else if (type === 2) {
      const length = varint();
      if (position + length > bytes.length) throw new Error('The message ends too early.');
      use(Math.floor(tag / 8), bytes.subarray(position, position + length));
      position += length;
    } else if (type === 1) position += 8;
    else if (type === 5) position += 4;
    else throw new Error(`Unknown wire type ${type}.`);
  }
}
