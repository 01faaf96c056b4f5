import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series } from './panels.js';
import { ofServices, quantile, rate, share, sum } from './selectors.js';
import { environment, labelValues, percentile, service } from './variables.js';

const chosen = ['messaging_system=~"$system"', 'messaging_destination_name=~"$destination"'];
const all = ofServices(...chosen);
const failed = ofServices(...chosen, 'error_type!=""');
const byDestination = ['messaging_destination_name'];
const byGroup = ['messaging_destination_name', 'messaging_consumer_group_name'];
const destinationLegend = '{{messaging_destination_name}}';
// Only Kafka has consumer groups.
const groupLegend = '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}';
/** Of producers and consumers: they may be in different services, and name a destination differently. */
const operations = '__name__=~"messaging_(client_operation|process)_duration_seconds_count"';

/** Message brokers and queues, as the services see them: throughput, delay and failures. */
export const messaging = dashboard({
  uid: 'throughline-messaging',
  title: 'Messaging',
  description: 'Kafka, RabbitMQ and BullMQ as the services see them: throughput, age, lag, failures.',
  sources: ['prometheus'],
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(
    labelValues('system', 'System', { metric: ofServices(operations), label: 'messaging_system' }),
  )
  .withVariable(
    labelValues('destination', 'Topic or queue', {
      metric: ofServices(operations, 'messaging_system=~"$system"'),
      label: 'messaging_destination_name',
    }),
  )
  .withVariable(percentile())
  .withRow(new RowBuilder('Throughput'))
  .withPanel(
    series({
      title: 'Messages sent',
      unit: 'mps',
      queries: [
        {
          expr: sum([...byDestination, 'service_name'], rate('messaging_client_sent_messages_total', all)),
          legend: `{{service_name}} → ${destinationLegend}`,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Messages delivered',
      unit: 'mps',
      queries: [
        { expr: sum(byGroup, rate('messaging_client_consumed_messages_total', all)), legend: groupLegend },
      ],
    }),
  )
  .withRow(new RowBuilder('Is it in time?'))
  .withPanel(
    series({
      title: 'Age of messages when they are processed, $percentile',
      description: "From the broker's timestamp of a message to the start of its processing.",
      unit: 's',
      queries: [
        {
          expr: quantile('$percentile', 'messaging_message_age_seconds', all, byGroup),
          legend: groupLegend,
          exemplars: true,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Consumer lag',
      description: 'The last lag that the clients of the group reported, over all partitions.',
      queries: [{ expr: sum(byGroup, `messaging_consumer_lag_messages${all}`), legend: groupLegend }],
    }),
  )
  .withRow(new RowBuilder('Failures'))
  .withPanel(
    series({
      title: 'Failed sends',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: share(
            rate('messaging_client_sent_messages_total', failed),
            rate('messaging_client_sent_messages_total', all),
            byDestination,
          ),
          legend: destinationLegend,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Failed processing',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          expr: share(
            rate('messaging_process_duration_seconds_count', failed),
            rate('messaging_process_duration_seconds_count', all),
            byGroup,
          ),
          legend: groupLegend,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Rebalances',
      description: 'During a rebalance, the group processes no messages.',
      width: 8,
      queries: [
        {
          expr: `sum by (messaging_consumer_group_name) (increase(messaging_client_rebalances_total${ofServices()}[$__rate_interval]))`,
          legend: '{{messaging_consumer_group_name}}',
        },
      ],
    }),
  )
  .withRow(new RowBuilder('Duration'))
  .withPanel(
    series({
      title: 'Processing of a message, $percentile',
      unit: 's',
      queries: [
        {
          expr: quantile('$percentile', 'messaging_process_duration_seconds', all, byGroup),
          legend: groupLegend,
          exemplars: true,
        },
      ],
    }),
  )
  .withPanel(
    series({
      title: 'Operations with the broker, $percentile',
      unit: 's',
      queries: [
        {
          expr: quantile('$percentile', 'messaging_client_operation_duration_seconds', all, [
            'messaging_operation_name',
            ...byDestination,
          ]),
          legend: `{{messaging_operation_name}} ${destinationLegend}`,
          exemplars: true,
        },
      ],
    }),
  );
