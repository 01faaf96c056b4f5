import type { TraceSummary } from '../../src/dev/model/api.js';
import { formatDuration, formatTime, plural } from '../model/format.js';
import { traceLink } from '../state/route.js';
import { ServiceName } from './service-name.js';

/** Traces, one in a row. */
export function TraceList({ traces }: { traces: readonly TraceSummary[] }) {
  const longest = Math.max(1e-6, ...traces.map(({ durationMillis }) => durationMillis));
  return (
    <div class="scroll">
      <table class="list traces">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Trace</th>
            <th scope="col">Services</th>
            <th scope="col" class="number">
              Spans
            </th>
            <th scope="col" class="number">
              Duration
            </th>
          </tr>
        </thead>
        <tbody>
          {traces.map((trace) => (
            <tr key={trace.traceId} class={trace.errorCount > 0 ? 'failed' : undefined}>
              <td class="time">{formatTime(trace.startMillis)}</td>
              <td>
                <a href={traceLink(trace.traceId)} title={`${trace.name} · ${trace.traceId}`}>
                  {trace.name}
                </a>
                {trace.errorCount > 0 && <span class="badge error">{plural(trace.errorCount, 'error')}</span>}
                {trace.isRootMissing && <span class="badge">root missing</span>}
              </td>
              <td class="services">
                {trace.serviceNames.map((name) => (
                  <ServiceName key={name} name={name} />
                ))}
              </td>
              <td class="number">{trace.spanCount}</td>
              <td class="number duration">
                <span class="duration-bar" style={{ width: `${(trace.durationMillis / longest) * 100}%` }} />
                <span>{formatDuration(trace.durationMillis)}</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
