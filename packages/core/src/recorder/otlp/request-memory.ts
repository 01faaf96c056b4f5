/** Requests of one signal are about equally long; a few sizes fit nearly all. */
const stepBytes = 65_536;
const maxKeptBytes = 2_097_152;
const maxKept = 2;

/**
 * Memory for requests, which is used again once a request has left. A request lives longer than what V8 looks through
 * often, so that each new one would stay for a while after its end: tens of megabytes in a busy service.
 */
export class RequestMemory {
  private free: Buffer[] = [];

  /** At least so many bytes, with anything in them. */
  take(byteCount: number): Buffer {
    const index = this.free.findIndex((buffer) => buffer.length >= byteCount);
    const kept = index === -1 ? undefined : this.free.splice(index, 1)[0];
    return kept ?? Buffer.allocUnsafeSlow(Math.ceil(byteCount / stepBytes) * stepBytes);
  }

  /** Takes back what a request was written into. Nobody may read the request any more. */
  giveBack(request: Uint8Array): void {
    const { buffer } = request;
    if (buffer.byteLength > maxKeptBytes || !(buffer instanceof ArrayBuffer)) return;
    if (this.free.length >= maxKept) this.free.shift();
    this.free.push(Buffer.from(buffer));
  }
}
