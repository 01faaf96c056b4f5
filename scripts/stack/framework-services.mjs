import { queriesOf, readDashboards, withVariables } from './dashboard-queries.mjs';
import { Empty } from './empty.mjs';
import { startStackService } from './stack-service.mjs';

/** A service on each framework, beside `orders` on Express; all have the route `/orders/:id`. */
const serviceOf = { fastify: 'orders-fastify', koa: 'orders-koa', hono: 'orders-hono' };

/** Starts them. They push their metrics. */
export function startFrameworkServices(settings) {
  return Promise.all(
    Object.entries(serviceOf).map(([framework, name]) =>
      startStackService({
        ...settings,
        name,
        script: 'framework-service.mjs',
        arguments: [framework, name],
      }),
    ),
  );
}

/**
 * The dashboards show services of all frameworks side by side: each query that tells services apart has all of them, and
 * each has its route, its errors and its lines under the same labels.
 */
export function checksOfFrameworks(queries) {
  const group = 'frameworks side by side';
  const services = ['orders', ...Object.values(serviceOf)];
  const all = { environment: '.*', team: '.*', service: '.*', instance: '.*', percentile: '0.95' };
  const panels = readDashboards().flatMap(queriesOf);
  const byService = panels.filter(
    ({ expr, labels, language }) =>
      language === 'promql' && labels.includes('service_name') && /\bhttp_server_request/.test(expr),
  );
  const byRoute = panels.filter(
    ({ expr, labels }) => labels.includes('http_route') && /\bhttp_server_request/.test(expr),
  );
  const byError = panels.filter(
    ({ expr, labels }) => labels.includes('error_type') && /\bhttp_server_request/.test(expr),
  );
  const promql = async ({ expr, isInstant }, values) =>
    await queries.promql(withVariables(expr, { ...all, ...values }), { isInstant });
  const has = (found, label, value) => found.some((series) => series[label] === value);
  const check = (panel, name, run) => ({ group, name: `${panel.panel}: ${name}`, run });
  return [
    ...byService.map((panel) =>
      check(panel, services.join(', '), async () => {
        const found = await promql(panel);
        const missing = services.filter((service) => !has(found, 'service_name', service));
        if (missing.length > 0) throw new Empty(missing.join(', '));
      }),
    ),
    ...services.flatMap((service) => [
      ...byRoute.map((panel) =>
        check(panel, `the route of ${service}`, async () => {
          if (!has(await promql(panel, { service }), 'http_route', '/orders/:id')) throw new Empty();
        }),
      ),
      ...byError.map((panel) =>
        check(panel, `the failures of ${service}`, async () => {
          if (!has(await promql(panel, { service }), 'error_type', 'RangeError')) throw new Empty();
        }),
      ),
    ]),
  ];
}
