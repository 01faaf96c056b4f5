import { useState } from 'preact/hooks';
import type { LineAnswer, SpanAnswer } from '../../src/dev/model/api.js';
import { formatDuration, formatTime, formatValue, plural } from '../model/format.js';
import { LineList } from '../parts/line-list.js';
import { Message } from '../parts/message.js';
import { ServiceName } from '../parts/service-name.js';
import { traceLink } from '../state/route.js';
import { useLive } from '../state/use-live.js';

const shownAttributes = 100;

/** All that is known of one span. */
export function SpanPanel({
  traceId,
  spanId,
  lines,
}: {
  traceId: string;
  spanId: string;
  lines: readonly LineAnswer[];
}) {
  const { answer, error } = useLive<SpanAnswer>(`traces/${traceId}/spans/${spanId}`, ['status']);
  const own = lines.filter((line) => line.spanId === spanId);
  return (
    <aside class="panel" aria-label="Span">
      <div class="title">
        <h2>{answer?.name ?? 'Span'}</h2>
        <a href={traceLink(traceId)} aria-label="Close the span">
          ×
        </a>
      </div>
      {answer ? <Details answer={answer} /> : <Message error={error}>Loading…</Message>}
      {own.length > 0 && (
        <>
          <h3>{plural(own.length, 'log line')}</h3>
          <LineList lines={[...own].reverse()} link="none" />
        </>
      )}
    </aside>
  );
}

function Details({ answer }: { answer: SpanAnswer }) {
  const { serviceName, kind, scope, startMillis, durationMillis, isError, statusMessage, events, links } =
    answer;
  return (
    <>
      <ul class="facts">
        <li>
          <ServiceName name={serviceName} />
        </li>
        <li>{kind}</li>
        <li>{formatDuration(durationMillis)}</li>
        <li>{formatTime(startMillis)}</li>
        {isError && <li class="error-text">failed{statusMessage === '' ? '' : `: ${statusMessage}`}</li>}
        {scope !== '' && <li>by {scope}</li>}
        <li>
          span id <code>{answer.spanId}</code>
        </li>
      </ul>
      <h3>Attributes</h3>
      <AttributeList attributes={answer.attributes} />
      {events.map((event) => (
        <details key={`${event.timeMillis} ${event.name}`} open={event.name === 'exception'}>
          <summary>
            Event <strong>{event.name}</strong> after {formatDuration(event.timeMillis - startMillis)}
          </summary>
          <AttributeList attributes={event.attributes} />
        </details>
      ))}
      {links.length > 0 && (
        <>
          <h3>Links</h3>
          <ul>
            {links.slice(0, shownAttributes).map((link) => (
              <li key={link.traceId + link.spanId}>
                <a href={traceLink(link.traceId, link.spanId)}>
                  <code>{link.traceId}</code>
                </a>
              </li>
            ))}
          </ul>
        </>
      )}
      <details>
        <summary>Resource</summary>
        <AttributeList attributes={answer.resourceAttributes} />
      </details>
    </>
  );
}

function AttributeList({ attributes }: { attributes: SpanAnswer['attributes'] }) {
  const [isAll, setAll] = useState(false);
  const [text, setText] = useState('');
  const all = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  const word = text.toLowerCase();
  const fitting = all.filter(([name, value]) => `${name} ${formatValue(value)}`.toLowerCase().includes(word));
  const shown = isAll ? fitting : fitting.slice(0, shownAttributes);
  if (all.length === 0) return <Message>None.</Message>;
  return (
    <>
      {all.length > 20 && (
        <input
          type="search"
          aria-label="Filter the attributes"
          placeholder={`Filter ${all.length.toLocaleString('en')} attributes`}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      )}
      <dl class="attributes">
        {shown.map(([name, value]) => (
          <div key={name} class={formatValue(value).length > 80 ? 'long' : undefined}>
            <dt>{name}</dt>
            <dd class={name.endsWith('stacktrace') || name.endsWith('text') ? 'code' : undefined}>
              {formatValue(value)}
            </dd>
          </div>
        ))}
      </dl>
      {shown.length < fitting.length && (
        <button type="button" onClick={() => setAll(true)}>
          Show all {fitting.length.toLocaleString('en')}
        </button>
      )}
    </>
  );
}
