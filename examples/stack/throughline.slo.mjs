import { defineSlo } from 'throughline';

/*
 * SLOs of the shop. `npm run generate` writes prometheus/rules/slo.yaml from them, with `throughline slo`. In your own
 * repository: npx throughline slo --out rules/slo.yaml
 */

const runbook = 'http://localhost:3000/d/throughline-runbooks?viewPanel=10';

export const gatewayAvailability = defineSlo({
  name: 'availability',
  service: 'gateway',
  team: 'storefront',
  objective: 0.999,
  window: '30d',
  sli: { kind: 'availability', of: { http: {} } },
  description: 'What customers ask of the shop is answered.',
  runbook,
});

export const productReads = defineSlo({
  name: 'read-latency',
  service: 'product',
  team: 'catalogue',
  objective: 0.99,
  window: '30d',
  sli: { kind: 'latency', thresholdSeconds: 0.25, of: { http: { route: '/products/:id', method: 'GET' } } },
  description: 'A product is shown within a quarter of a second.',
  runbook,
});

export const viewsCounted = defineSlo({
  name: 'views-counted',
  service: 'views',
  team: 'insights',
  objective: 0.999,
  window: '30d',
  sli: { kind: 'availability', of: { messaging: { destination: 'product-viewed' } } },
  description: 'Views that were published are counted.',
  runbook,
});
