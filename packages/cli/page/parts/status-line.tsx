import { formatBytes, formatCount, plural } from '../model/format.js';
import { status } from '../state/live.js';

/** How much is in memory, and what no longer is. */
export function StatusLine() {
  const state = status.value;
  if (!state) return null;
  const { counts, forgotten, sizeBytes, limits, endpoint, version } = state;
  const isForgotten = forgotten.spans + forgotten.lines > 0;
  return (
    <footer class="status">
      <span>
        {plural(counts.traces, 'trace')}, {plural(counts.spans, 'span')}, {plural(counts.lines, 'log line')}{' '}
        in memory ({formatBytes(sizeBytes)} of {formatBytes(limits.sizeBytes)})
      </span>
      {isForgotten && (
        <span class="warning-text">
          Forgotten, the oldest first: {formatCount(forgotten.spans)} spans, {formatCount(forgotten.lines)}{' '}
          lines
        </span>
      )}
      <span>
        OTLP over HTTP at <code>{endpoint}</code>
      </span>
      <span>Throughline {version}</span>
    </footer>
  );
}
