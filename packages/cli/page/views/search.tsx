import { useEffect } from 'preact/hooks';
import type { SearchAnswer } from '../../src/dev/model/api.js';
import { LineList } from '../parts/line-list.js';
import { Message } from '../parts/message.js';
import { ServiceName } from '../parts/service-name.js';
import { TraceList } from '../parts/trace-list.js';
import { apiPath } from '../state/api.js';
import { linkTo, traceLink } from '../state/route.js';
import { useLive } from '../state/use-live.js';

/** What fits a text: traces, routes and log lines. */
export function Search({ text }: { text: string }) {
  const { answer, error } = useLive<SearchAnswer>(apiPath('search', { q: text }), ['status']);
  const only = answer?.traces.length === 1 ? answer.traces[0] : undefined;
  // A whole trace id has one meaning.
  const isExact = only?.traceId === text.trim().toLowerCase();
  useEffect(() => {
    if (only && isExact) location.replace(traceLink(only.traceId));
  }, [only, isExact]);
  if (!answer) return <Message error={error}>Searching…</Message>;
  const { traces, operations, lines } = answer;
  const isEmpty = traces.length + operations.length + lines.length === 0;
  return (
    <>
      <h1>Search: {text}</h1>
      {isEmpty && <Message>Nothing in memory fits.</Message>}
      {operations.length > 0 && (
        <>
          <h2>Routes</h2>
          <ul class="operations">
            {operations.map(({ serviceName, operation }) => (
              <li key={`${serviceName} ${operation}`}>
                <ServiceName name={serviceName} />{' '}
                <a href={linkTo('operation', { service: serviceName, operation })}>{operation}</a>
              </li>
            ))}
          </ul>
        </>
      )}
      {traces.length > 0 && (
        <>
          <h2>Traces</h2>
          <TraceList traces={traces} />
        </>
      )}
      {lines.length > 0 && (
        <>
          <h2>Log lines</h2>
          <LineList lines={lines} />
        </>
      )}
    </>
  );
}
