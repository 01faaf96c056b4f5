/*
 * What core's files import as '@opentelemetry/api'. An override can hold the API at a version before 1.3, which has no
 * metrics: the service must still start, with traces, logs and its metrics of prom-client.
 */
import * as api from '@opentelemetry/api';

export * from '@opentelemetry/api';

const instrument = { add() {}, record() {}, addCallback() {}, removeCallback() {} };
const createInstrument = () => instrument;
const meter = {
  createGauge: createInstrument,
  createHistogram: createInstrument,
  createCounter: createInstrument,
  createUpDownCounter: createInstrument,
  createObservableGauge: createInstrument,
  createObservableCounter: createInstrument,
  createObservableUpDownCounter: createInstrument,
  addBatchObservableCallback() {},
  removeBatchObservableCallback() {},
};

// A name that a module lacks is undefined in its namespace; imported by itself it would end the process.
export const ValueType = api.ValueType ?? { INT: 0, DOUBLE: 1 };
export const createNoopMeter = api.createNoopMeter ?? (() => meter);
export const metrics = api.metrics ?? {
  setGlobalMeterProvider: () => true,
  getMeterProvider: () => ({ getMeter: () => meter }),
  getMeter: () => meter,
  disable() {},
};
