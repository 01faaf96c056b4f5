import { useMemo } from 'preact/hooks';
import type { OperationAnswer, TraceSummary } from '../../src/dev/model/api.js';
import { formatCount, formatDuration } from '../model/format.js';
import { Chart } from '../parts/chart.js';
import { Dots } from '../parts/dots.js';
import { Message } from '../parts/message.js';
import { ServiceName } from '../parts/service-name.js';
import { TraceList } from '../parts/trace-list.js';
import { WindowSelect, windowMillis } from '../parts/window-select.js';
import { apiPath } from '../state/api.js';
import { linkTo } from '../state/route.js';
import { useLive } from '../state/use-live.js';

/** The charts of one route, with its requests as dots, and its traces. */
export function Operation({ serviceName, operation }: { serviceName: string; operation: string }) {
  const query = { service: serviceName, operation };
  const { answer, error } = useLive<OperationAnswer>(
    apiPath('operation', { ...query, window: windowMillis.value }),
    ['operations', 'status'],
  );
  const traces = useLive<readonly TraceSummary[]>(apiPath('traces', { ...query, limit: 25 }), [
    'traces',
    'status',
  ]);
  return (
    <>
      <div class="title">
        <h1>
          <ServiceName name={serviceName} /> {operation}
        </h1>
        <WindowSelect />
      </div>
      {answer ? <Charts answer={answer} /> : <Message error={error}>Loading…</Message>}
      <div class="title">
        <h2>Traces</h2>
        <span>
          <a href={linkTo('traces', query)}>All</a> ·{' '}
          <a href={linkTo('traces', { ...query, errors: '1' })}>Failed</a>
        </span>
      </div>
      {traces.answer && traces.answer.length > 0 ? (
        <TraceList traces={traces.answer} />
      ) : (
        <Message error={traces.error}>No trace of it is in memory.</Message>
      )}
    </>
  );
}

function Charts({ answer }: { answer: OperationAnswer }) {
  const { steps, stepMillis, dots, source } = answer;
  const charts = useMemo(() => {
    const each = (read: (step: (typeof steps)[number]) => number | null) => steps.map(read);
    const perSecond = 1_000 / stepMillis;
    return {
      times: each(({ timeMillis }) => timeMillis) as number[],
      rate: [
        {
          ...{ label: 'requests', colour: '--accent', isFilled: true },
          values: each(({ count }) => count * perSecond),
        },
      ],
      errors: [
        {
          ...{ label: 'failed', colour: '--error', isFilled: true },
          values: each(({ errorCount }) => errorCount * perSecond),
        },
      ],
      latency: [
        { label: 'p50', colour: '--p50', values: each(({ p50Millis }) => p50Millis) },
        { label: 'p95', colour: '--p95', values: each(({ p95Millis }) => p95Millis) },
        { label: 'p99', colour: '--p99', values: each(({ p99Millis }) => p99Millis) },
      ],
    };
  }, [steps, stepMillis]);
  const durations = dots.map(({ durationMillis }) => durationMillis).filter((millis) => millis > 0);
  const least = Math.min(...durations);
  const most = Math.max(...durations);
  const range = useMemo(() => (Number.isFinite(least) ? ([least, most] as const) : undefined), [least, most]);
  const formatPerSecond = (value: number) =>
    `${value < 10 ? Number(value.toFixed(2)) : formatCount(value)}/s`;
  const stored = dots.filter(({ isStored }) => isStored).length;
  return (
    <>
      <Chart
        title="Latency"
        timesMillis={charts.times}
        lines={charts.latency}
        format={(millis) => (Number.isInteger(Math.log10(millis)) ? formatDuration(millis) : '')}
        isLogarithmic
        range={range}
      >
        {(place) => <Dots dots={dots} place={place} />}
      </Chart>
      <p class="note">
        {stored > 0 ? 'Each dot is a request, and opens its trace. ' : ''}
        {source === 'metrics'
          ? 'Counted by the histogram of the service, which counts requests without a trace too; the dots are its exemplars.'
          : 'Counted from spans, because the service has no histogram here; the dots are its slowest and its failed requests.'}
      </p>
      <div class="two">
        <Chart title="Rate" timesMillis={charts.times} lines={charts.rate} format={formatPerSecond} />
        <Chart title="Errors" timesMillis={charts.times} lines={charts.errors} format={formatPerSecond} />
      </div>
    </>
  );
}
