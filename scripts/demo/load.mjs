/** Requests in this order, one every `intervalMillis`, repeated forever. */
const routes = [
  'list',
  'read',
  'read',
  'register',
  'read',
  'report',
  'list',
  'read',
  'missing',
  'read',
  'checkout',
  'read',
];
const intervalMillis = 400;
const mostInFlight = 4;
const mostRegistered = 200;

/** A few requests a second over all routes of the gateway, until it is stopped. */
export function startLoad(gatewayUrl) {
  const stopping = new AbortController();
  let turn = 0;
  let inFlight = 0;
  let registered = 0;

  const timer = setInterval(() => {
    if (inFlight >= mostInFlight) return;
    const route = routes[turn++ % routes.length];
    inFlight++;
    send(route)
      .catch(() => {})
      .finally(() => inFlight--);
  }, intervalMillis);

  async function send(route) {
    const id = 1 + (turn % 3);
    switch (route) {
      case 'list':
        return request('/shop/products');
      case 'read':
        return request(`/shop/products/${id}`);
      case 'report':
        return request(`/shop/products/${id}/report`);
      case 'missing':
        return request('/shop/products/404404');
      case 'checkout':
        return request('/shop/checkout');
      case 'register': {
        if (registered >= mostRegistered) return undefined;
        registered++;
        const sku = `DEMO-${Date.now().toString(36).toUpperCase()}`;
        return registerProduct(gatewayUrl, { sku, name: 'Demo product', priceCents: 995 }, stopping.signal);
      }
      default:
        throw new Error(`unknown route ${route}`);
    }
  }

  async function request(path) {
    const response = await fetch(gatewayUrl + path, { signal: stopping.signal });
    await response.arrayBuffer();
  }

  return {
    stop: async () => {
      clearInterval(timer);
      stopping.abort();
    },
  };
}

export async function registerProduct(gatewayUrl, product, signal) {
  const response = await fetch(`${gatewayUrl}/shop/products`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(product),
    signal,
  });
  return { status: response.status, body: await response.json() };
}
