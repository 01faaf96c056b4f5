import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { durationBuckets } from '../instruments/duration-buckets.js';
import {
  type BoundInstrument,
  createBindableCounter,
  createBindableHistogram,
  createCounter,
  createGauge,
  type MetricSettings,
} from '../instruments/instruments.js';

/** From "at once" to "a day behind", in seconds. */
const ageBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400];

/** The labels that all series of one operation share. Every value is low in cardinality. */
export interface MessagingLabels {
  readonly system: string;
  readonly destination?: string | undefined;
  readonly consumerGroup?: string | undefined;
}

/** What is recorded again and again of one operation, as long as it succeeds. */
export interface OperationMetrics {
  /** Messages sent or consumed. */
  readonly messages: BoundInstrument;
  /** Duration of the operation, or of processing, in seconds. */
  readonly duration: BoundInstrument;
  /** Age of messages, in seconds. */
  readonly age: BoundInstrument;
}

export interface MessagingMetrics {
  ofOperation(labels: MessagingLabels, operationName: string): OperationMetrics;
  sent(labels: MessagingLabels, count: number, errorType: string | undefined, span: Span | undefined): void;
  consumed(
    labels: MessagingLabels,
    count: number,
    errorType: string | undefined,
    span: Span | undefined,
  ): void;
  operation(
    labels: MessagingLabels,
    operationName: string,
    durationSeconds: number,
    errorType: string | undefined,
    span: Span | undefined,
  ): void;
  processed(
    labels: MessagingLabels,
    operationName: string,
    durationSeconds: number,
    errorType: string | undefined,
    span: Span | undefined,
  ): void;
  age(labels: MessagingLabels, ageSeconds: number, span: Span): void;
  rebalanced(labels: MessagingLabels): void;
  lag(labels: MessagingLabels, partition: string, messages: number): void;
  forgetLag(labels: MessagingLabels, partition: string): void;
}

/**
 * The metrics of message brokers, registered when the first plugin asks for them.
 * https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/
 */
export function createMessagingMetrics(registry: Registry, settings: MetricSettings): MessagingMetrics {
  const groupLabels = ['messaging_system', 'messaging_destination_name', 'messaging_consumer_group_name'];
  const sent = createBindableCounter(registry, settings, {
    name: 'messaging_client_sent_messages_total',
    help: 'Messages that producers tried to send to the broker.',
    labelNames: [...groupLabels, 'error_type'],
  });
  const consumed = createBindableCounter(registry, settings, {
    name: 'messaging_client_consumed_messages_total',
    help: 'Messages that were delivered to the service.',
    labelNames: [...groupLabels, 'error_type'],
  });
  const operationLabels = [...groupLabels, 'error_type', 'messaging_operation_name'];
  const operations = createBindableHistogram(registry, settings, {
    name: 'messaging_client_operation_duration_seconds',
    help: 'Duration of sending to and receiving from the broker.',
    labelNames: operationLabels,
    buckets: durationBuckets,
  });
  const processing = createBindableHistogram(registry, settings, {
    name: 'messaging_process_duration_seconds',
    help: 'Duration of processing messages in the service.',
    labelNames: operationLabels,
    buckets: durationBuckets,
  });
  const age = createBindableHistogram(registry, settings, {
    name: 'messaging_message_age_seconds',
    help: "Time from the broker's timestamp of a message to the start of its processing.",
    labelNames: groupLabels,
    buckets: ageBuckets,
  });
  const recordRebalance = createCounter(registry, settings, {
    name: 'messaging_client_rebalances_total',
    help: 'Rebalances of the consumer group that a consumer took part in after it had joined.',
    labelNames: ['messaging_system', 'messaging_consumer_group_name'],
  });
  const lag = createGauge(registry, settings, {
    name: 'messaging_consumer_lag_messages',
    help: 'Messages of the partition that the consumer group has still to process, as the client last knew it.',
    labelNames: [...groupLabels, 'messaging_destination_partition_id'],
    // During a rebalance two processes may know of one partition.
    aggregator: 'max',
  });

  return {
    ofOperation({ system, destination, consumerGroup }, name) {
      const labels = [system, destination, consumerGroup] as const;
      const isSend = name === 'send';
      return {
        messages: (isSend ? sent : consumed).bind(...labels),
        duration: (isSend ? operations : processing).bind(...labels, undefined, name),
        age: age.bind(...labels),
      };
    },
    sent: ({ system, destination, consumerGroup }, count, errorType, span) =>
      sent.record(count, span, system, destination, consumerGroup, errorType),
    consumed: ({ system, destination, consumerGroup }, count, errorType, span) =>
      consumed.record(count, span, system, destination, consumerGroup, errorType),
    operation: ({ system, destination, consumerGroup }, name, durationSeconds, errorType, span) =>
      operations.record(durationSeconds, span, system, destination, consumerGroup, errorType, name),
    processed: ({ system, destination, consumerGroup }, name, durationSeconds, errorType, span) =>
      processing.record(durationSeconds, span, system, destination, consumerGroup, errorType, name),
    age: ({ system, destination, consumerGroup }, ageSeconds, span) =>
      age.record(ageSeconds, span, system, destination, consumerGroup),
    rebalanced: ({ system, consumerGroup }) => recordRebalance(1, undefined, system, consumerGroup),
    lag: (labels, partition, messages) =>
      lag.set({ ...toLabels(labels), messaging_destination_partition_id: partition }, messages),
    forgetLag: (labels, partition) =>
      lag.remove({ ...toLabels(labels), messaging_destination_partition_id: partition }),
  };
}

function toLabels({ system, destination, consumerGroup }: MessagingLabels): Record<string, string> {
  const labels: Record<string, string> = { messaging_system: system };
  if (destination !== undefined) labels.messaging_destination_name = destination;
  if (consumerGroup !== undefined) labels.messaging_consumer_group_name = consumerGroup;
  return labels;
}
