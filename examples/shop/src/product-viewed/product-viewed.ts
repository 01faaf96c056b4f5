/*
 * What product publishes on each read, and views counts.
 */

export const productViewedTopic = 'product-viewed';

export interface ProductViewed {
  readonly productId: number;
}

/** @returns undefined for anything that is no such event */
export function parseProductViewed(value: Buffer | null): ProductViewed | undefined {
  if (!value) return undefined;
  try {
    const { productId } = JSON.parse(value.toString()) as Partial<ProductViewed>;
    return Number.isSafeInteger(productId) ? { productId: productId as number } : undefined;
  } catch {
    return undefined;
  }
}
