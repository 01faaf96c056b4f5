import type pg from 'pg';

export const createViewTables = `
  CREATE TABLE IF NOT EXISTS throughline_shop.product_views (
    product_id bigint PRIMARY KEY,
    views bigint NOT NULL
  );
`;

export interface ViewCounts {
  raise(productId: number): Promise<void>;
  /** 0 for a product that was never read. */
  read(productId: number): Promise<number>;
}

export function createViewCounts(pool: pg.Pool): ViewCounts {
  return {
    async raise(productId) {
      await pool.query(
        `INSERT INTO throughline_shop.product_views AS v (product_id, views) VALUES ($1, 1)
         ON CONFLICT (product_id) DO UPDATE SET views = v.views + 1`,
        [productId],
      );
    },

    async read(productId) {
      const { rows } = await pool.query<{ views: string }>(
        'SELECT views FROM throughline_shop.product_views WHERE product_id = $1',
        [productId],
      );
      return Number(rows[0]?.views ?? 0);
    },
  };
}
