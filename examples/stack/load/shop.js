// k6: https://grafana.com/docs/k6/latest/
// A few requests a second over all routes of the shop, including slow and failing ones.
import { check, sleep } from 'k6';
import http from 'k6/http';

const gateway = __ENV.GATEWAY_URL || 'http://gateway:3000';

export const options = {
  scenarios: {
    customers: {
      executor: 'constant-vus',
      vus: Number(__ENV.CUSTOMERS || 4),
      duration: __ENV.DURATION || '24h',
    },
  },
  // Failing requests are expected; requests without an answer are not.
  thresholds: { checks: ['rate>0.9'] },
};

export default function customer() {
  const id = 1 + (__ITER % 3);
  get('/shop/products', 200);
  for (let read = 0; read < 5; read++) get(`/shop/products/${id}`, 200);
  get('/shop/products/404404', 404);
  if (__ITER % 4 === 0) get(`/shop/products/${id}/report`, 200);
  if (__ITER % 5 === 0) get('/shop/checkout', 502);
  if (__ITER % 10 === 0) register();
  sleep(1 + Math.random());
}

function get(path, status) {
  const response = http.get(gateway + path, { tags: { name: path.replace(/\d+/, ':id') } });
  check(response, { [`${status} for ${path.replace(/\d+/, ':id')}`]: () => response.status === status });
}

function register() {
  const sku = `K6-${__VU}-${Date.now().toString(36)}`.toUpperCase();
  const response = http.post(
    `${gateway}/shop/products`,
    JSON.stringify({ sku, name: 'A product', priceCents: 995 }),
    { headers: { 'content-type': 'application/json' } },
  );
  check(response, { '201 for a new product': () => response.status === 201 });
}
