import type { Span } from '@opentelemetry/api';
import type { Registry } from 'prom-client';
import { operationBuckets } from '../instruments/duration-buckets.js';
import {
  type BoundInstrument,
  createBindableHistogram,
  createGauge,
  createHistogram,
  type MetricSettings,
} from '../instruments/instruments.js';
import type { DatabaseOperation, DatabasePool, DatabasePoolObservation } from '../plugin/databases.js';

export interface DatabaseMetrics {
  record(
    operation: DatabaseOperation,
    durationSeconds: number,
    errorType: string | undefined,
    span: Span | undefined,
  ): void;
  /** The series of such operations that succeed. */
  ofSucceeded(operation: DatabaseOperation): BoundInstrument;
  observePool(pool: DatabasePool): DatabasePoolObservation;
}

/**
 * `db_client_operation_duration_seconds` and the metrics of connection pools, registered when the first
 * database plugin asks for them. https://opentelemetry.io/docs/specs/semconv/database/database-metrics/
 */
export function createDatabaseMetrics(registry: Registry, settings: MetricSettings): DatabaseMetrics {
  const duration = createBindableHistogram(registry, settings, {
    name: 'db_client_operation_duration_seconds',
    help: 'Duration of database client operations.',
    labelNames: [
      'db_system_name',
      'db_operation_name',
      'db_collection_name',
      'db_namespace',
      'server_address',
      'error_type',
    ],
    buckets: operationBuckets,
  });
  const pools = new Set<DatabasePool>();
  const poolLabels = ['db_system_name', 'db_client_connection_pool_name'] as const;
  const labelsOf = (pool: DatabasePool) => ({
    db_system_name: pool.system,
    db_client_connection_pool_name: pool.name,
  });
  createGauge(registry, settings, {
    name: 'db_client_connection_count',
    help: 'Connections of the pool, by state.',
    labelNames: [...poolLabels, 'db_client_connection_state'],
    collect(gauge) {
      gauge.reset();
      for (const pool of pools) {
        const { used, idle } = pool.read();
        gauge.add({ ...labelsOf(pool), db_client_connection_state: 'used' }, used);
        gauge.add({ ...labelsOf(pool), db_client_connection_state: 'idle' }, idle);
      }
    },
  });
  createGauge(registry, settings, {
    name: 'db_client_connection_pending_requests',
    help: 'Callers that wait for a connection of the pool.',
    labelNames: poolLabels,
    collect(gauge) {
      gauge.reset();
      for (const pool of pools) gauge.add(labelsOf(pool), pool.read().pending);
    },
  });
  const recordWaitTime = createHistogram(registry, settings, {
    name: 'db_client_connection_wait_time_seconds',
    help: 'Time that callers waited for a connection of the pool.',
    labelNames: poolLabels,
    buckets: operationBuckets,
  });

  return {
    record(operation, durationSeconds, errorType, span) {
      const { system, name, collection, namespace, serverAddress } = operation;
      duration.record(durationSeconds, span, system, name, collection, namespace, serverAddress, errorType);
    },
    ofSucceeded: ({ system, name, collection, namespace, serverAddress }) =>
      duration.bind(system, name, collection, namespace, serverAddress),
    observePool(pool) {
      pools.add(pool);
      return {
        waited: (durationSeconds) => recordWaitTime(durationSeconds, undefined, pool.system, pool.name),
        stop: () => pools.delete(pool),
      };
    },
  };
}
