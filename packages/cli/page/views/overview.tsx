import type { OverviewAnswer, OverviewRow } from '../../src/dev/model/api.js';
import { formatCount, formatDuration, formatPercent, formatRate } from '../model/format.js';
import { Message } from '../parts/message.js';
import { ServiceName } from '../parts/service-name.js';
import { Sparkline } from '../parts/sparkline.js';
import { WindowSelect, windowMillis } from '../parts/window-select.js';
import { apiPath } from '../state/api.js';
import { status } from '../state/live.js';
import { linkTo } from '../state/route.js';
import { useLive } from '../state/use-live.js';

/** A row for each service and route. */
export function Overview() {
  const { answer, error } = useLive<OverviewAnswer>(apiPath('overview', { window: windowMillis.value }), [
    'operations',
    'status',
  ]);
  return (
    <>
      <div class="title">
        <h1>Overview</h1>
        <WindowSelect />
      </div>
      {!answer || answer.rows.length === 0 ? (
        <Message error={error}>{answer ? <Waiting /> : 'Loading…'}</Message>
      ) : (
        <Rows rows={answer.rows} />
      )}
    </>
  );
}

function Waiting() {
  const endpoint = status.value?.endpoint;
  const running = status.value?.services.filter(({ state }) => state === 'running') ?? [];
  return (
    <>
      No requests yet.{' '}
      {running.length > 0
        ? `Send a request to ${running.map(({ name }) => name).join(', ')}. If it stays empty, the service records nothing: throughline doctor -- <command> says why.`
        : `Start a service with OTEL_EXPORTER_OTLP_ENDPOINT=${endpoint} and OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf.`}
    </>
  );
}

function Rows({ rows }: { rows: readonly OverviewRow[] }) {
  const slowest = Math.max(1e-6, ...rows.map(({ p95Millis }) => p95Millis ?? 0));
  return (
    <div class="scroll">
      <table class="list overview">
        <thead>
          <tr>
            <th scope="col">Service</th>
            <th scope="col">Route or operation</th>
            <th scope="col">Requests</th>
            <th scope="col" class="number">
              Rate
            </th>
            <th scope="col" class="number">
              Errors
            </th>
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              p95
            </th>
            <th scope="col" class="number">
              p99
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => {
            const isFirst = rows[index - 1]?.serviceName !== row.serviceName;
            const { serviceName, operation } = row;
            return (
              <tr key={`${serviceName} ${operation}`} class={isFirst ? 'group' : undefined}>
                <td>
                  <ServiceName name={serviceName} />
                </td>
                <td>
                  <a href={linkTo('operation', { service: serviceName, operation })} title={operation}>
                    {operation}
                  </a>
                </td>
                <td class="requests">
                  <Sparkline counts={row.sparkline} />
                  <span>{formatCount(row.count)}</span>
                </td>
                <td class="number">{formatRate(row.ratePerSecond)}</td>
                <td class={`number${row.errorCount > 0 ? ' error-text' : ''}`}>
                  {formatPercent(row.errorCount, row.count)}
                </td>
                <td class="number">{formatDuration(row.p50Millis)}</td>
                <td class="number duration">
                  <span
                    class="duration-bar"
                    style={{ width: `${((row.p95Millis ?? 0) / slowest) * 100}%` }}
                  />
                  <span>{formatDuration(row.p95Millis)}</span>
                </td>
                <td class="number">{formatDuration(row.p99Millis)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
