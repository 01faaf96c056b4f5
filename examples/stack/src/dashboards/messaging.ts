import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import { dashboard } from './dashboard.js';
import { series } from './panels.js';
import { ofServices, quantile, rate, share, sum } from './selectors.js';
import { environment, labelValues, percentile, service } from './variables.js';

const topic = 'messaging_destination_name=~"$topic"';
const all = ofServices(topic);
const failed = ofServices(topic, 'error_type!=""');
const byTopic = ['messaging_destination_name'];
const byGroup = ['messaging_destination_name', 'messaging_consumer_group_name'];
const topicLegend = '{{messaging_destination_name}}';
const groupLegend = '{{messaging_consumer_group_name}} ← {{messaging_destination_name}}';

/** Kafka, as the services see it: throughput, delay and failures. */
export const messaging = dashboard({
  uid: 'throughline-kafka',
  title: 'Kafka',
  description: 'Topics and consumer groups as the services see them: throughput, age, lag, failures.',
  sources: ['prometheus'],
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(
    labelValues('topic', 'Topic', {
      metric: `messaging_client_operation_duration_seconds_count${ofServices()}`,
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
          expr: sum([...byTopic, 'service_name'], rate('messaging_client_sent_messages_total', all)),
          legend: `{{service_name}} → ${topicLegend}`,
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
            byTopic,
          ),
          legend: topicLegend,
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
            ...byTopic,
          ]),
          legend: `{{messaging_operation_name}} ${topicLegend}`,
          exemplars: true,
        },
      ],
    }),
  );
