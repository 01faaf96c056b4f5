import type { SpanAnswer, StatusAnswer } from '../model/api.js';
import { type LogLevel, logLevels } from '../model/telemetry.js';
import { operationOfSpan } from '../store/operation.js';
import type { TelemetryStore } from '../store/telemetry-store.js';
import { operationView, overview } from '../views/overview.js';
import { findLines, findTraces, search } from '../views/search.js';
import { serviceMap } from '../views/service-map.js';
import { rowOfSpan, spanView, traceView } from '../views/trace-view.js';

/** A question that cannot be answered. */
export class ApiError extends Error {
  constructor(
    readonly status: 400 | 404,
    message: string,
  ) {
    super(message);
  }
}

const defaultWindowMillis = 5 * 60_000;
const maxWindowMillis = 15 * 60_000;
const defaultLimit = 100;
const maxLimit = 1_000;
const rowsPerPage = 500;

/**
 * Answers a GET request below `/api/`.
 *
 * @returns plain data, sent as JSON
 * @throws ApiError
 */
export function answerApi(
  path: string,
  query: URLSearchParams,
  store: TelemetryStore,
  status: () => StatusAnswer,
) {
  const text = (name: string): string | undefined => query.get(name) || undefined;
  const limit = () => numberOf(query, 'limit', defaultLimit, 1, maxLimit);
  const windowMillis = () => numberOf(query, 'window', defaultWindowMillis, 10_000, maxWindowMillis);
  const [first = '', traceId = '', spans, spanId] = path.split('/');
  const trace = () => {
    const found = store.traces.get(traceId);
    if (!found) throw new ApiError(404, `There is no trace ${traceId.slice(0, 32)} in memory.`);
    return found;
  };

  switch (first) {
    case 'status':
      return status();
    case 'overview':
      return overview(store, windowMillis());
    case 'operation': {
      const name = { serviceName: text('service') ?? '', name: text('operation') ?? '' };
      const operation = store.operations.get(name);
      if (!operation) throw new ApiError(404, `${name.serviceName} has no operation ${name.name}.`);
      return operationView(store, operation, windowMillis());
    }
    case 'traces': {
      if (traceId === '') {
        const serviceName = text('service');
        const operation = text('operation');
        const filter = {
          ...{ text: text('q'), serviceName, operation },
          ...{ onlyErrors: query.get('errors') === '1', limit: limit() },
        };
        return findTraces(store, filter, (span) => {
          if (operation === undefined) return true;
          const found = operationOfSpan(span);
          return (
            found?.name === operation && (serviceName === undefined || found.serviceName === serviceName)
          );
        });
      }
      if (spans === undefined) {
        const around = text('span');
        const row = around === undefined ? undefined : rowOfSpan(trace(), around);
        const offset =
          row === undefined
            ? numberOf(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER)
            : Math.floor(row / rowsPerPage) * rowsPerPage;
        return traceView(store, trace(), {
          offset,
          limit: numberOf(query, 'limit', rowsPerPage, 1, maxLimit),
        });
      }
      if (spans !== 'spans') break;
      if (spanId === undefined) {
        const offset = numberOf(query, 'offset', 0, 0, Number.MAX_SAFE_INTEGER);
        const ids = [...trace().spans.keys()].slice(offset, offset + limit());
        return ids.map((id) => spanView(trace(), id) as SpanAnswer);
      }
      const found = spanView(trace(), spanId);
      if (!found) throw new ApiError(404, `The trace has no span ${spanId.slice(0, 16)}.`);
      return found;
    }
    case 'lines': {
      const level = text('level');
      if (level !== undefined && !logLevels.includes(level as LogLevel)) {
        throw new ApiError(400, `level is one of ${logLevels.join(', ')}.`);
      }
      return findLines(store, {
        ...{ text: text('q'), serviceName: text('service'), level: level as LogLevel | undefined },
        ...{ traceId: text('trace'), spanId: text('span'), limit: limit() },
        beforeLine: query.has('before')
          ? numberOf(query, 'before', 0, 0, Number.MAX_SAFE_INTEGER)
          : undefined,
      });
    }
    case 'map':
      return serviceMap(store, windowMillis());
    case 'search':
      return search(store, text('q') ?? '');
  }
  throw new ApiError(404, 'There is no such path.');
}

function numberOf(
  query: URLSearchParams,
  name: string,
  otherwise: number,
  least: number,
  most: number,
): number {
  const text = query.get(name);
  if (text === null || text === '') return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new ApiError(400, `${name} is an integer from ${least}.`);
  }
  return Math.min(value, most);
}
