/* A Node service that answers at Spring Boot's paths, so that existing probes and scrape jobs keep working. */
import { initObservability } from '@throughline/core';
import { expressPlugin } from '@throughline/express';
import express from 'express';

const observability = initObservability({ serviceName: 'orders', plugins: [expressPlugin()] });
observability.health.addReadinessCheck('stock', async () => {
  await fetch(`${process.env.STOCK_URL}/stock`);
});

const app = express();
app.get('/actuator/prometheus', observability.metricsHandler);
app.get('/actuator/health/liveness', observability.health.livenessHandler);
app.get('/actuator/health/readiness', observability.health.readinessHandler);
app.get('/actuator/health', observability.health.readinessHandler);

app.get('/orders/:id', (request, response) => {
  response.json({ id: request.params.id });
});

const server = app.listen(Number(process.env.PORT ?? 0), () =>
  observability.logger.info('listening', { port: server.address().port }),
);
