import { HttpError } from '../http-service/http-error.js';

export interface ProductClient {
  read(id: string): Promise<unknown>;
  list(): Promise<unknown>;
  register(product: unknown): Promise<unknown>;
  salesReport(id: string): Promise<unknown>;
  stock(): Promise<unknown>;
}

/** The product service did not answer, or answered with an error. The gateway answers 502 Bad Gateway. */
class ProductServiceError extends HttpError {
  constructor(message: string, options?: ErrorOptions) {
    super(502, message, options);
  }
}

const timeoutMillis = 5_000;

/** Calls the product service. No trace header is set here: fetch carries the trace automatically. */
export function createProductClient(baseUrl: string): ProductClient {
  const call = async (path: string, init: RequestInit = {}) => {
    let response: Response;
    try {
      response = await fetch(new URL(path, baseUrl), { ...init, signal: AbortSignal.timeout(timeoutMillis) });
    } catch (cause) {
      throw new ProductServiceError('The product service could not be reached.', { cause });
    }
    if (response.ok) return response.json();
    const { error } = (await response.json().catch(() => ({}))) as { error?: string };
    if (response.status >= 500) {
      throw new ProductServiceError(`The product service answered ${response.status} to ${path}.`);
    }
    throw new HttpError(response.status, error ?? 'The product service refused the request.');
  };

  return {
    read: (id) => call(`/products/${encodeURIComponent(id)}`),
    list: () => call('/products'),
    register: (product) =>
      call('/products', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(product),
      }),
    salesReport: (id) => call(`/products/${encodeURIComponent(id)}/report`),
    stock: () => call('/stock'),
  };
}
