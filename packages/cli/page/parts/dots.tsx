import { useRef, useState } from 'preact/hooks';
import type { DotAnswer } from '../../src/dev/model/api.js';
import { formatDuration, formatTime } from '../model/format.js';
import { traceLink } from '../state/route.js';
import type { Place } from './chart.js';

/**
 * Requests as dots over a chart; each is a link to its trace. They are one stop of the Tab key; the arrow keys go from
 * dot to dot.
 */
export function Dots({ dots, place }: { dots: readonly DotAnswer[]; place: Place }) {
  const [current, setCurrent] = useState<string>();
  const group = useRef<HTMLDivElement>(null);
  const shown = dots.filter(({ isStored }) => isStored);
  const stop = shown.some(({ traceId }) => traceId === current) ? current : shown.at(-1)?.traceId;
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = shown.findIndex(({ traceId }) => traceId === stop) + step;
    const next = shown[Math.min(shown.length - 1, Math.max(0, index))];
    if (!next) return;
    setCurrent(next.traceId);
    group.current?.querySelector<HTMLElement>(`[data-trace="${next.traceId}"]`)?.focus();
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of links is no fieldset
    <div ref={group} role="group" aria-label="Requests" onKeyDown={move}>
      {dots.map((dot) => {
        const { traceId, timeMillis, durationMillis, isError, isStored } = dot;
        const { x, y } = place(timeMillis, durationMillis);
        const label = `${formatDuration(durationMillis)} at ${formatTime(timeMillis)}${isError ? ', failed' : ''}`;
        const name = `dot${isError ? ' failed' : ''}${isStored ? '' : ' missing'}`;
        const key = `${traceId} ${timeMillis}`;
        const style = { left: `${x}px`, top: `${y}px` };
        return isStored ? (
          <a
            {...{ key, class: name, style, title: label }}
            href={traceLink(traceId)}
            data-trace={traceId}
            aria-label={`Trace of ${label}`}
            tabIndex={traceId === stop ? 0 : -1}
          />
        ) : (
          <span {...{ key, class: name, style }} title={`${label}: its trace is not in memory`} />
        );
      })}
    </div>
  );
}
