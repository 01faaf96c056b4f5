import { context, type Tracer, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import type { BoundInstrument } from '../instruments/instruments.js';
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
import { type MeasuredOperation, RecordedDatabaseOperation } from './recorded-operation.js';

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
    start: (operation, options) => new PreparedOperation(tracer, metrics, operation, false).start(options),
    prepare: (operation) => new PreparedOperation(tracer, metrics, operation, true),
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
class PreparedOperation implements PreparedDatabaseOperation, MeasuredOperation {
  private readonly spans: OperationSpans;
  private series: BoundInstrument | undefined;

  constructor(
    tracer: Tracer,
    readonly metrics: DatabaseMetrics,
    readonly operation: DatabaseOperation,
    private readonly isStartedAgain: boolean,
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
      return new RecordedDatabaseOperation(this, span, parent, startMillis);
    } catch {
      // A text that cannot be made must not cost the service its query.
      return notRecorded;
    }
  }

  succeededSeries(): BoundInstrument | undefined {
    // To look up a series for one value costs less than to make what finds it again.
    if (!this.isStartedAgain) return undefined;
    this.series ??= this.metrics.ofSucceeded(this.operation);
    return this.series;
  }
}
