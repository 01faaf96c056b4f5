/* Sends a request through the three services, before and after the last one has moved, and prints what was recorded. */
import { startShop } from './services.mjs';

const env = { OTEL_TRACES_EXPORTER: 'none' };

for (const moved of [false, true]) {
  const shop = await startShop({ moved, env });
  const response = await fetch(`${shop.web.url}/checkout`, { headers: { 'x-trace-id': 'order-4711' } });
  await response.text();
  console.log(
    `\norders ${moved ? 'has moved' : 'has not moved'}; the customer's id is ${response.headers.get('x-trace-id')}`,
  );
  for (const [name, { lines }] of Object.entries({ web: shop.web, orders: shop.orders, stock: shop.stock })) {
    for (const line of lines) {
      if (!/requested|placed|reserved/.test(line.message)) continue;
      console.log(
        `  ${name.padEnd(7)} ${line.message.padEnd(20)} trace_id ${line.trace_id ?? '-'.padEnd(32)}  old id ${line.legacy_trace_id ?? line.traceId ?? '-'}`,
      );
    }
  }
  console.log('  callers that sent stock only the old header:', await shop.stock.oldHeaders());
  await shop.stop();
}
