import { SpanKind } from '@opentelemetry/api';
import { afterEach, expect, test } from 'vitest';
import { expressCopies } from '../test/express-copies.js';
import { closeAll, quietApp, requestAll, serve } from '../test/served-app.js';
import { expressPlugin } from './index.js';

afterEach(closeAll);

/** A router finds its way by trying one route after the other: many small ones are quicker than one of 10,000. */
const [routers, routesEach] = [100, 100];
const maxSeriesPerMetric = 2_000;

test.each(expressCopies.filter(({ name }) => /4\.22|router 2\.3/.test(name)))(
  '10,000 routes of $name: every request counts, no more series than allowed, the rest in one',
  async ({ express }) => {
    const { captured, origin } = await serve(
      'after',
      () => {
        const app = quietApp(express);
        for (let router = 0; router < routers; router++) {
          const mounted = express.Router();
          for (let route = 0; route < routesEach; route++) {
            mounted.get(`/r${route}/:id`, (_request, response) => response.end());
          }
          app.use(`/m${router}`, mounted);
        }
        return app;
      },
      { plugins: [expressPlugin()], serviceName: 'orders', metrics: { maxSeriesPerMetric } },
    );
    const paths = Array.from({ length: routers * routesEach }, (_, index) => {
      return `/m${Math.floor(index / routesEach)}/r${index % routesEach}/7`;
    });
    await requestAll(origin, [...paths, '/m0/r0/8']);

    const text = await captured.metrics();
    const counts = [...text.matchAll(/^http_server_request_duration_seconds_count\{([^}]*)\} (\d+)$/gm)];
    expect(counts).toHaveLength(maxSeriesPerMetric + 1);
    expect(counts.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(10_001);
    expect(counts.at(-1)?.slice(1)).toEqual(['otel_metric_overflow="true",service_name="orders"', '8000']);
    // A route that was there before the limit was reached goes on counting.
    expect(counts.find(([, labels]) => labels?.includes('http_route="/m0/r0/:id"'))?.[2]).toBe('2');
    expect(text).toContain(
      'throughline_series_overflow_total{metric="http_server_request_duration_seconds",service_name="orders"} 8000\n',
    );
    expect(captured.logLines.filter(({ code }) => code).map(({ code }) => code)).toEqual([
      'OBS_METRIC_OVERFLOW',
    ]);
    // Traces have no such limit.
    await captured.observability.flush();
    const served = captured.spans.filter(({ kind }) => kind === SpanKind.SERVER);
    expect(new Set(served.map(({ attributes }) => attributes['http.route'])).size).toBe(10_000);
  },
  60_000,
);
