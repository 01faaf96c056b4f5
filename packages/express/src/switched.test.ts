import { afterEach, describe, expect, test } from 'vitest';
import { closeAll, everyExpress, quietApp, serve } from '../test/served-app.js';

afterEach(closeAll);

describe.each(everyExpress)(
  'switched off and on again: $name, app made $order init',
  ({ express, order }) => {
    test('routes go and come back, and are recorded once', async () => {
      const { request, captured } = await serve(order, () => {
        const app = quietApp(express);
        app.get('/orders/:id', (_req, res) => {
          res.send('ok');
        });
        app.get('/broken', () => {
          throw new TypeError('broken');
        });
        return app;
      });
      const { observability } = captured;
      for (let round = 0; round < 3; round++) {
        expect((await request('/orders/7')).route).toBe('/orders/:id');
        observability.setPluginEnabled('express', false);
        expect(await request('/orders/7')).toMatchObject({ status: 200, route: undefined });
        observability.setPluginEnabled('express', true);
      }
      expect((await request('/orders/7')).span.name).toBe('GET /orders/:id');
      const { span } = await request('/broken');
      expect(span.events.filter(({ name }) => name === 'exception')).toHaveLength(1);
      const count = /http_route="\/orders\/:id",http_response_status_code="200"[^}]*\} (\d+)$/m;
      expect(count.exec((await captured.metrics()).replace(/^(?!.*_count).*$/gm, ''))?.[1]).toBe('4');
    });
  },
);
