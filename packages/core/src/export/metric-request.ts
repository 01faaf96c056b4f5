import { type HrTime, ValueType } from '@opentelemetry/api';
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  type MetricData,
  type ResourceMetrics,
} from '@opentelemetry/sdk-metrics';
import { KeyValues } from '../recorder/otlp/key-values.js';
import type { ProtobufWriter } from '../recorder/otlp/protobuf-writer.js';
import { RequestMemory } from '../recorder/otlp/request-memory.js';
import {
  bucketsTag,
  exemplarTag,
  exponentialPointTag,
  histogramPointTag,
  metricDataTag,
  metricTag,
  numberPointTag,
  pointTag,
  resourceSpansTag,
  scopeSpansTag,
} from '../recorder/otlp/tags.js';
import { requestOf, resourceField, ScopeSection, schemaUrlField } from '../recorder/otlp/trace-request.js';

/** An exemplar as OTLP/JSON has it. */
export interface OtlpExemplar {
  readonly timeUnixNano: string;
  readonly asDouble: number;
  readonly traceId: string;
  readonly spanId: string;
}

/** A data point with what the SDK's own type has no place for. */
export type PointWithExemplars<T> = DataPoint<T> & { readonly exemplars?: readonly OtlpExemplar[] };

/** Writes metrics as an ExportMetricsServiceRequest. Labels that come again in the next one are encoded once. */
export function createMetricRequests(): (metrics: ResourceMetrics) => Uint8Array {
  const keyValues = new KeyValues();
  return ({ resource, scopeMetrics }) => {
    const sections = scopeMetrics.map(({ scope, metrics }) => {
      const section = new ScopeSection(scope);
      for (const metric of metrics) writeMetric(section.writer, keyValues, metric);
      return section;
    });
    return requestOf(
      resourceField(resource, keyValues),
      sections,
      schemaUrlField(resourceSpansTag.schemaUrl, resource.schemaUrl),
      // A push every minute: nothing is kept for the next one.
      new RequestMemory(),
    );
  };
}

type WritePoint<T> = (writer: ProtobufWriter, keyValues: KeyValues, point: PointWithExemplars<T>) => void;

function writeMetric(writer: ProtobufWriter, keyValues: KeyValues, metric: MetricData): void {
  const { name, description, unit, valueType } = metric.descriptor;
  writer.varint(scopeSpansTag.spans);
  const start = writer.startLength(2);
  writer.varint(metricTag.name);
  writer.text(name);
  writeText(writer, metricTag.description, description);
  writeText(writer, metricTag.unit, unit);
  const number = valueType === ValueType.INT ? writeIntPoint : writeDoublePoint;
  switch (metric.dataPointType) {
    case DataPointType.GAUGE:
      writeData(writer, keyValues, metricTag.gauge, metric.dataPoints, number);
      break;
    case DataPointType.SUM:
      writeData(writer, keyValues, metricTag.sum, metric.dataPoints, number, metric);
      break;
    case DataPointType.HISTOGRAM:
      writeData(writer, keyValues, metricTag.histogram, metric.dataPoints, writeHistogram, metric);
      break;
    case DataPointType.EXPONENTIAL_HISTOGRAM:
      writeData(
        writer,
        keyValues,
        metricTag.exponentialHistogram,
        metric.dataPoints,
        writeExponential,
        metric,
      );
      break;
  }
  writer.endLength(start, 2);
}

/** @param sum what a gauge has not */
function writeData<T>(
  writer: ProtobufWriter,
  keyValues: KeyValues,
  tag: number,
  points: readonly DataPoint<T>[],
  writePoint: WritePoint<T>,
  sum?: { readonly aggregationTemporality: AggregationTemporality; readonly isMonotonic?: boolean },
): void {
  writer.varint(tag);
  const start = writer.startLength(2);
  for (const point of points) {
    writer.varint(metricDataTag.dataPoints);
    const pointStart = writer.startLength(2);
    writer.varint(pointTag.startTime);
    writeTime(writer, point.startTime);
    writer.varint(pointTag.time);
    writeTime(writer, point.endTime);
    writePoint(writer, keyValues, point);
    writer.endLength(pointStart, 2);
  }
  if (sum) {
    writer.varint(metricDataTag.aggregationTemporality);
    writer.varint(sum.aggregationTemporality === AggregationTemporality.DELTA ? 1 : 2);
    if (sum.isMonotonic) {
      writer.varint(metricDataTag.isMonotonic);
      writer.varint(1);
    }
  }
  writer.endLength(start, 2);
}

const writeIntPoint: WritePoint<number> = (writer, keyValues, point) => {
  writer.varint(numberPointTag.asInt);
  writeWhole(writer, point.value);
  writeNumberPoint(writer, keyValues, point);
};

const writeDoublePoint: WritePoint<number> = (writer, keyValues, point) => {
  writeDouble(writer, numberPointTag.asDouble, point.value);
  writeNumberPoint(writer, keyValues, point);
};

const writeNumberPoint: WritePoint<number> = (writer, keyValues, { attributes, exemplars }) => {
  writeLabels(writer, keyValues, numberPointTag.attributes, attributes);
  writeExemplars(writer, numberPointTag.exemplars, exemplars);
};

const writeHistogram: WritePoint<Histogram> = (writer, keyValues, { attributes, value, exemplars }) => {
  writer.varint(histogramPointTag.count);
  writeWhole(writer, value.count);
  writeDouble(writer, histogramPointTag.sum, value.sum);
  const { counts, boundaries } = value.buckets;
  if (counts.length > 0) {
    writer.varint(histogramPointTag.bucketCounts);
    writer.varint(counts.length * 8);
    for (const count of counts) writeWhole(writer, count);
  }
  if (boundaries.length > 0) {
    writer.varint(histogramPointTag.explicitBounds);
    writer.varint(boundaries.length * 8);
    for (const bound of boundaries) writer.double(bound);
  }
  writeLabels(writer, keyValues, histogramPointTag.attributes, attributes);
  writeExemplars(writer, histogramPointTag.exemplars, exemplars);
  writeDouble(writer, histogramPointTag.min, value.min);
  writeDouble(writer, histogramPointTag.max, value.max);
};

const writeExponential: WritePoint<ExponentialHistogram> = (writer, keyValues, { attributes, value }) => {
  writeLabels(writer, keyValues, exponentialPointTag.attributes, attributes);
  writer.varint(exponentialPointTag.count);
  writeWhole(writer, value.count);
  writeDouble(writer, exponentialPointTag.sum, value.sum);
  writer.varint(exponentialPointTag.scale);
  writer.varint(zigzag(value.scale));
  writer.varint(exponentialPointTag.zeroCount);
  writeWhole(writer, value.zeroCount);
  writeBuckets(writer, exponentialPointTag.positive, value.positive);
  writeBuckets(writer, exponentialPointTag.negative, value.negative);
  writeDouble(writer, exponentialPointTag.min, value.min);
  writeDouble(writer, exponentialPointTag.max, value.max);
};

function writeBuckets(
  writer: ProtobufWriter,
  tag: number,
  { offset, bucketCounts }: ExponentialHistogram['positive'],
): void {
  writer.varint(tag);
  const start = writer.startLength(1);
  writer.varint(bucketsTag.offset);
  writer.varint(zigzag(offset));
  if (bucketCounts.length > 0) {
    writer.varint(bucketsTag.bucketCounts);
    const countsStart = writer.startLength(1);
    for (const count of bucketCounts) writer.varint(count);
    writer.endLength(countsStart, 1);
  }
  writer.endLength(start, 1);
}

function writeExemplars(
  writer: ProtobufWriter,
  tag: number,
  exemplars: readonly OtlpExemplar[] | undefined,
): void {
  for (const { timeUnixNano, asDouble, traceId, spanId } of exemplars ?? []) {
    writer.varint(tag);
    const start = writer.startLength(1);
    writer.varint(exemplarTag.time);
    writer.fixed64(BigInt(timeUnixNano));
    writeDouble(writer, exemplarTag.asDouble, asDouble);
    writer.id(exemplarTag.spanId, spanId, 8);
    writer.id(exemplarTag.traceId, traceId, 16);
    writer.endLength(start, 1);
  }
}

function writeLabels(
  writer: ProtobufWriter,
  keyValues: KeyValues,
  tag: number,
  attributes: DataPoint<unknown>['attributes'],
): void {
  for (const name of Object.keys(attributes)) keyValues.write(writer, tag, name, attributes[name]);
}

function writeText(writer: ProtobufWriter, tag: number, text: string): void {
  if (text === '') return;
  writer.varint(tag);
  writer.text(text);
}

function writeTime(writer: ProtobufWriter, [seconds, nanos]: HrTime): void {
  writer.unixNanos(seconds, nanos);
}

function writeDouble(writer: ProtobufWriter, tag: number, value: number | undefined): void {
  if (value === undefined) return;
  writer.varint(tag);
  writer.double(value);
}

/** A whole number in eight bytes, a negative one as two's complement. */
function writeWhole(writer: ProtobufWriter, value: number): void {
  writer.fixed32(value >>> 0);
  writer.fixed32(Math.floor(value / 0x1_0000_0000) >>> 0);
}

function zigzag(whole: number): number {
  return whole < 0 ? -whole * 2 - 1 : whole * 2;
}
