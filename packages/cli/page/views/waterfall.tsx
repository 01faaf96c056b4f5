import { useEffect, useRef, useState } from 'preact/hooks';
import type { TraceAnswer, TraceRow } from '../../src/dev/model/api.js';
import { formatDuration } from '../model/format.js';
import { axisMarks } from '../model/time-axis.js';
import { traceLink } from '../state/route.js';
import { serviceColour } from '../state/service-colours.js';

/** Deeper spans are not indented any further. */
const maxIndent = 16;

/** The spans of a trace over time. The rows are one stop of the Tab key; the arrow keys go from row to row. */
export function Waterfall({ answer, spanId }: { answer: TraceAnswer; spanId: string | undefined }) {
  const { rows, durationMillis, traceId } = answer;
  const total = Math.max(durationMillis, 1e-6);
  const marks = axisMarks(total, 5);
  const list = useRef<HTMLOListElement>(null);
  const [current, setCurrent] = useState<string | undefined>(spanId);
  const stop = [current, spanId].find((id) => rows.some((row) => row.spanId === id)) ?? rows[0]?.spanId;
  const focus = (id: string) => list.current?.querySelector<HTMLElement>(`[data-span="${id}"]`)?.focus();
  // A link to a span, from a line or from the list of failures, leads to its row.
  useEffect(() => {
    if (spanId === undefined) return;
    setCurrent(spanId);
    list.current?.querySelector(`[data-span="${spanId}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [spanId]);
  const move = (event: KeyboardEvent) => {
    const index = rows.findIndex((row) => row.spanId === stop);
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: rows.length - 1 }[event.key];
    const next = to === undefined ? undefined : rows[Math.min(rows.length - 1, Math.max(0, to))];
    if (!next) return;
    event.preventDefault();
    setCurrent(next.spanId);
    focus(next.spanId);
  };
  return (
    <div class="waterfall">
      <div class="axis" aria-hidden="true">
        <span />
        <div>
          {marks.map((mark) => (
            <span key={mark} style={{ left: `${(mark / total) * 100}%` }}>
              {formatDuration(mark)}
            </span>
          ))}
        </div>
        <span />
      </div>
      <ol ref={list} onKeyDown={move}>
        {rows.map((row) => (
          <Row
            {...{ key: row.spanId, row, total }}
            link={traceLink(traceId, row.spanId)}
            isChosen={row.spanId === spanId}
            isStop={row.spanId === stop}
          />
        ))}
      </ol>
      <p class="note legend-line">
        <span class="bar-sample server" /> served <span class="bar-sample client" /> called or sent{' '}
        <span class="bar-sample critical" /> critical path: what the end of the root span waited for
      </p>
    </div>
  );
}

interface RowProps {
  readonly row: TraceRow;
  readonly total: number;
  readonly link: string;
  readonly isChosen: boolean;
  readonly isStop: boolean;
}

function Row({ row, total, link, isChosen, isStop }: RowProps) {
  const { serviceName, name, kind, depth, target, error, startMillis, durationMillis } = row;
  const percent = (millis: number) => `${Math.min(100, Math.max(0, (millis / total) * 100))}%`;
  const indent = Math.min(depth, maxIndent);
  const place = target && [target.system, target.name].filter((text) => text !== '').join(' ');
  return (
    <li class={row.isError ? 'failed' : undefined}>
      <a
        class={`row ${serviceColour(serviceName)}`}
        href={link}
        aria-current={isChosen ? 'true' : undefined}
        tabIndex={isStop ? 0 : -1}
        data-span={row.spanId}
        title={`${serviceName}: ${name}${place === undefined ? '' : ` (${place})`}, ${formatDuration(durationMillis)}`}
      >
        <span class="label" style={{ paddingLeft: `${indent * 14}px` }}>
          {row.isParentMissing && <span class="badge">parent missing</span>}
          <span class="service">{serviceName}</span>
          {kind !== 'internal' && kind !== 'unspecified' && <span class="kind">{kind}</span>}
          <span class="name">{name}</span>
          {place !== undefined && <span class={`target ${target?.kind}`}>{place}</span>}
          {row.lineCount > 0 && (
            <span class="line-count">
              {row.lineCount}
              <span class="hidden"> log lines</span>
            </span>
          )}
        </span>
        <span class="time">
          <span
            class={`bar ${kind}`}
            style={{ left: percent(startMillis), width: percent(durationMillis) }}
          />
          {row.critical.map(([start, end]) => (
            <span
              key={start}
              class="critical"
              style={{ left: percent(start), width: percent(end - start) }}
            />
          ))}
        </span>
        <span class="duration">{formatDuration(durationMillis)}</span>
      </a>
      {error && (error.message !== '' || error.type !== undefined) && (
        <details class="error" style={{ marginLeft: `${indent * 14}px` }}>
          <summary>
            {error.type !== undefined && <strong>{error.type}</strong>} {error.message.slice(0, 300)}
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long stack is scrolled by the keyboard too */}
          <pre tabIndex={0}>{error.stack ?? error.message}</pre>
        </details>
      )}
    </li>
  );
}
