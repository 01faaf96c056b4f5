import { stackFile } from './configuration.mjs';
import { queriesOf, readDashboards, withVariables } from './dashboard-queries.mjs';
import { Empty } from './empty.mjs';
import { startStackService } from './stack-service.mjs';

/** What is sent, and by which system. */
const destinations = { bullmq: 'mails', rabbitmq: 'bills' };

/**
 * Starts a service that sends messages, and one that processes them. They push their metrics.
 *
 * @param variables their environment variables, REDIS_URL and RABBITMQ_URL among them
 * @returns the one that answers requests
 */
export async function startQueueServices(settings) {
  const start = (name) =>
    startStackService({ ...settings, name, script: 'queue-service.mjs', arguments: [name] });
  const [orders] = await Promise.all([start('orders-queues'), start('mailer')]);
  return orders;
}

/** One trace from the request to a job of BullMQ and to a message of RabbitMQ: from an exemplar, in lines, on the dashboard. */
export function checksOfQueues(queries, traces) {
  const group = 'queues';
  let traceId;
  const { datasources } = stackFile('grafana/provisioning/datasources/throughline.yaml');
  const { tracesToLogsV2 } = datasources.find(({ uid }) => uid === 'tempo').jsonData;
  const values = { environment: '.*', service: '.*', destination: '.*', percentile: '0.95' };
  const panels = readDashboards()
    .flatMap(queriesOf)
    .filter(
      ({ expr, language, labels }) =>
        language === 'promql' &&
        labels.includes('messaging_destination_name') &&
        /\bmessaging_(client_sent|client_consumed|message_age|process_duration)/.test(expr),
    );
  return [
    {
      group,
      name: 'exemplar → trace: from the request to the job and to the message',
      run: async () => {
        const found = await queries.exemplars(
          'messaging_process_duration_seconds_bucket{service_name="mailer",messaging_system="bullmq"}',
        );
        for (const exemplar of found.reverse()) {
          const spans = await traces.spansOf(exemplar.traceId);
          const has = (service, key, value) =>
            spans.some(
              ({ resource, attributes }) => resource['service.name'] === service && attributes[key] === value,
            );
          const isWhole =
            has('orders-queues', 'http.route', '/orders/:id') &&
            Object.keys(destinations).every((system) => has('mailer', 'messaging.system', system));
          if (!isWhole) continue;
          traceId = exemplar.traceId;
          return;
        }
        throw new Empty(`none of ${found.length} exemplars`);
      },
    },
    {
      group,
      name: 'trace → logs: the lines of the request, of the job and of the message',
      run: async () => {
        if (traceId === undefined) throw new Empty('no trace');
        const query = tracesToLogsV2.query.replaceAll('$$', '$').replace(/\$\{__trace\.traceId\}/, traceId);
        const streams = await queries.logql(query);
        const services = new Set(streams.map(({ stream }) => stream.service_name));
        const missing = ['orders-queues', 'mailer'].filter((name) => !services.has(name));
        if (missing.length > 0) throw new Empty(missing.join(', '));
      },
    },
    ...panels.flatMap(({ panel, expr, isInstant }) =>
      Object.entries(destinations).map(([system, destination]) => ({
        group,
        name: `${panel}: ${system}`,
        run: async () => {
          const filled = withVariables(expr, { ...values, system });
          const found = await queries.promql(filled, { isInstant });
          if (!found.some((series) => series.messaging_destination_name === destination)) throw new Empty();
        },
      })),
    ),
  ];
}
