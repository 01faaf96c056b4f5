import pg from 'pg';
import { HttpError } from '../http-service/http-error.js';

export interface Product {
  readonly id: number;
  readonly sku: string;
  readonly name: string;
  readonly priceCents: number;
}

export type NewProduct = Omit<Product, 'id'>;

export interface SalesReport {
  readonly productId: number;
  readonly unitsSold: number;
}

class ProductNotFoundError extends HttpError {
  constructor(id: number) {
    super(404, `There is no product ${id}.`);
  }
}

class SkuTakenError extends HttpError {
  constructor(sku: string) {
    super(409, `A product with the SKU ${sku} already exists.`);
  }
}

class StockUnavailableError extends Error {
  override readonly name = 'StockUnavailableError';
}

export interface ProductRepository {
  /** @throws ProductNotFoundError */
  read(id: number): Promise<Product>;
  /** The newest products first, at most 20. */
  list(): Promise<readonly Product[]>;
  /** @throws SkuTakenError */
  register(product: NewProduct): Promise<Product>;
  salesReport(id: number): Promise<SalesReport>;
  /** @throws StockUnavailableError */
  stock(): Promise<Readonly<Record<string, number>>>;
}

const columns = 'id, sku, name, price_cents AS "priceCents"';

export function createProductRepository(pool: pg.Pool): ProductRepository {
  return {
    async read(id) {
      const { rows } = await pool.query<Product>(
        `SELECT ${columns} FROM throughline_shop.products WHERE id = $1`,
        [id],
      );
      const [product] = rows;
      if (!product) throw new ProductNotFoundError(id);
      return product;
    },

    async list() {
      const { rows } = await pool.query<Product>(
        `SELECT ${columns} FROM throughline_shop.products ORDER BY id DESC LIMIT 20`,
      );
      return rows;
    },

    async register({ sku, name, priceCents }) {
      try {
        const { rows } = await pool.query<Product>(
          `INSERT INTO throughline_shop.products (sku, name, price_cents) VALUES ($1, $2, $3) RETURNING ${columns}`,
          [sku, name, priceCents],
        );
        return rows[0] as Product;
      } catch (error) {
        if (error instanceof pg.DatabaseError && error.code === uniqueViolation) throw new SkuTakenError(sku);
        throw error;
      }
    },

    async salesReport(id) {
      // The sleep imitates an aggregate over a large table without a suitable index.
      const { rows } = await pool.query<SalesReport>(
        `SELECT id AS "productId", (id * 37) % 500 AS "unitsSold", pg_sleep(0.6)::text AS waited
           FROM throughline_shop.products WHERE id = $1`,
        [id],
      );
      const [report] = rows;
      if (!report) throw new ProductNotFoundError(id);
      return { productId: report.productId, unitsSold: report.unitsSold };
    },

    async stock() {
      // This table does not exist, as if a migration had been forgotten. The trace shows the error.
      const query = 'SELECT sku, available FROM throughline_shop.stock';
      try {
        const { rows } = await pool.query<{ sku: string; available: number }>(query);
        return Object.fromEntries(rows.map(({ sku, available }) => [sku, available]));
      } catch (cause) {
        throw new StockUnavailableError('The stock could not be read.', { cause });
      }
    },
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const uniqueViolation = '23505';
