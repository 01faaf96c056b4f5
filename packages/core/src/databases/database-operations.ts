import { context, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type {
  DatabaseOperation,
  DatabaseOperations,
  DatabasePoolObservation,
  DatabaseStartOptions,
  PreparedDatabaseOperation,
  StartedDatabaseOperation,
} from '../plugin/databases.js';
import type { DatabaseMetrics } from './database-metrics.js';
import { OperationSpans } from './operation-spans.js';
import { RecordedDatabaseOperation } from './recorded-operation.js';

/** What a suppressed operation gets: nothing is recorded, everything works. */
const notRecorded: StartedDatabaseOperation = {
  span: undefined,
  run: (fn) => fn(),
  end() {},
};

/**
 * Spans and metrics of database clients by the stable semantic conventions, alike for all of them.
 * https://opentelemetry.io/docs/specs/semconv/database/database-spans/
 */
export function createDatabaseOperations(
  tracer: Tracer,
  metrics: DatabaseMetrics,
  onTearDown: (undo: () => void) => void = () => {},
): DatabaseOperations {
  // A plugin that is switched on again observes its pools again.
  const observed = new Set<DatabasePoolObservation>();
  onTearDown(() => {
    for (const observation of observed) observation.stop();
  });
  return {
    start: (operation, options) => new PreparedOperation(tracer, metrics, operation).start(options),
    prepare: (operation) => new PreparedOperation(tracer, metrics, operation),
    observePool(pool) {
      const { stop, waited } = metrics.observePool(pool);
      const observation: DatabasePoolObservation = {
        waited,
        stop() {
          observed.delete(observation);
          stop();
        },
      };
      observed.add(observation);
      return observation;
    },
  };
}

/** Nothing of the operation is read before it is needed: what a plugin passes may throw. */
class PreparedOperation implements PreparedDatabaseOperation {
  private readonly spans: OperationSpans;

  constructor(
    tracer: Tracer,
    private readonly metrics: DatabaseMetrics,
    private readonly operation: DatabaseOperation,
  ) {
    this.spans = new OperationSpans(tracer, operation);
  }

  start(
    options?: DatabaseStartOptions,
    text?: Pick<DatabaseOperation, 'queryText'>,
  ): StartedDatabaseOperation {
    try {
      const parent = context.active();
      if (isTracingSuppressed(parent)) return notRecorded;
      const startMillis = options?.startMillis;
      const hasSpan = trace.getSpan(parent) !== undefined || options?.rootSpan === true;
      const span = hasSpan ? this.spans.start(parent, startMillis, text) : undefined;
      return new RecordedDatabaseOperation(this.operation, span, parent, this.metrics, startMillis);
    } catch {
      // A text that cannot be made must not cost the service its query.
      return notRecorded;
    }
  }
}
