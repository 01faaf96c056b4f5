/** A request of undici for an upgrade of its connection: `WebSocket`, `undici.upgrade()`. */
interface UpgradingRequest {
  readonly upgrade?: unknown;
  onUpgrade?: (...args: unknown[]) => unknown;
}

/**
 * Tells when a server has accepted an upgrade. Earlier versions of undici, the one in Node 22 among them, publish nothing
 * for it: the request would have no end.
 *
 * @param upgraded called after undici, which may have published the end itself by then
 */
export function followUpgrade(request: object, upgraded: (statusCode: number) => void): void {
  const upgrading = request as UpgradingRequest;
  const { onUpgrade } = upgrading;
  if (!upgrading.upgrade || typeof onUpgrade !== 'function') return;
  upgrading.onUpgrade = function (...args) {
    const result = onUpgrade.apply(this, args);
    const [statusCode] = args;
    if (typeof statusCode === 'number') upgraded(statusCode);
    return result;
  };
}
