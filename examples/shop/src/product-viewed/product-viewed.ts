/*
 * The event that product publishes on each read, and that views counts.
 */

export const productViewedTopic = 'product-viewed';

export interface ProductViewed {
  readonly productId: number;
}

/** @returns undefined if the message is not such an event */
export function parseProductViewed(value: Buffer | null): ProductViewed | undefined {
  if (!value) return undefined;
  try {
    const { productId } = JSON.parse(value.toString()) as Partial<ProductViewed>;
    return Number.isSafeInteger(productId) ? { productId: productId as number } : undefined;
  } catch {
    return undefined;
  }
}
