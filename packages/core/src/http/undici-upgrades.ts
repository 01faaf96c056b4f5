/** A request of undici for an upgrade of its connection: `WebSocket`, `undici.upgrade()`. */
interface UpgradingRequest {
  readonly upgrade?: unknown;
  /** Until undici 7, which is in Node 24. */
  onUpgrade?: UpgradeHandler;
  /** From undici 8, which is in Node 26. */
  onRequestUpgrade?: UpgradeHandler;
}

type UpgradeHandler = (...args: unknown[]) => unknown;

/**
 * Tells when a server has accepted an upgrade. Earlier versions of undici, the one in Node 22 among them, publish nothing
 * for it: the request would have no end.
 *
 * @param upgraded called after undici, which may have published the end itself by then
 */
export function followUpgrade(request: object, upgraded: (statusCode: number) => void): void {
  const upgrading = request as UpgradingRequest;
  if (!upgrading.upgrade) return;
  for (const name of ['onUpgrade', 'onRequestUpgrade'] as const) {
    const handler = upgrading[name];
    if (typeof handler !== 'function') continue;
    upgrading[name] = function (...args) {
      const result = handler.apply(this, args);
      const [statusCode] = args;
      if (typeof statusCode === 'number') upgraded(statusCode);
      return result;
    };
  }
}
