import type { LinesAnswer, TraceAnswer } from '../../src/dev/model/api.js';
import { formatDuration, plural } from '../model/format.js';
import { LineList } from '../parts/line-list.js';
import { Message } from '../parts/message.js';
import { ServiceName } from '../parts/service-name.js';
import { apiPath } from '../state/api.js';
import { linkTo, route, traceLink } from '../state/route.js';
import { useLive } from '../state/use-live.js';
import { SpanPanel } from './span-panel.js';
import { Waterfall } from './waterfall.js';

const maxLines = 200;

/** One trace: its waterfall, the span that was chosen, and its log lines. */
export function Trace({ traceId, spanId }: { traceId: string; spanId: string | undefined }) {
  const offset = route.value.query.get('offset');
  const page = offset === null ? { span: spanId } : { offset };
  const { answer, error } = useLive<TraceAnswer>(apiPath(`traces/${traceId}`, page), ['traces', 'status']);
  const lines = useLive<LinesAnswer>(apiPath('lines', { trace: traceId, limit: maxLines }), [
    'lines',
    'status',
  ]);
  if (!answer) {
    return (
      <>
        <h1>Trace</h1>
        <Message error={error}>Loading…</Message>
        {error !== undefined && lines.answer && lines.answer.lines.length > 0 && (
          <>
            <p>Its log lines are there:</p>
            <LineList lines={lines.answer.lines} />
          </>
        )}
      </>
    );
  }
  return (
    <>
      <div class="title">
        <h1 title={answer.name}>
          <ServiceName name={answer.serviceName} /> {answer.name}
        </h1>
      </div>
      <Facts answer={answer} />
      <Notices answer={answer} />
      <div class="trace">
        <section aria-label="Waterfall">
          <Waterfall answer={answer} spanId={spanId} />
          <Pages answer={answer} />
        </section>
        {spanId !== undefined && (
          <SpanPanel traceId={traceId} spanId={spanId} lines={lines.answer?.lines ?? []} />
        )}
      </div>
      <h2>Log lines</h2>
      {lines.answer && lines.answer.lines.length > 0 ? (
        <>
          <LineList lines={[...lines.answer.lines].reverse()} link="span" />
          {lines.answer.nextBefore !== undefined && <p class="note">These are the latest {maxLines}.</p>}
          <p>
            <a href={linkTo('logs', { trace: traceId })}>In the stream of all lines</a>
          </p>
        </>
      ) : (
        <Message error={lines.error}>No line carries this trace id.</Message>
      )}
    </>
  );
}

function Facts({ answer }: { answer: TraceAnswer }) {
  const { traceId, legacyTraceId, durationMillis, spanCount, errorCount, startMillis, serviceNames } = answer;
  return (
    <ul class="facts">
      <li>{new Date(startMillis).toLocaleString()}</li>
      <li>{formatDuration(durationMillis)}</li>
      <li>{plural(spanCount, 'span')}</li>
      <li class={errorCount > 0 ? 'error-text' : undefined}>{plural(errorCount, 'error')}</li>
      <li>
        {serviceNames.map((name) => (
          <ServiceName key={name} name={name} />
        ))}
      </li>
      <li>
        trace id <code>{traceId}</code>
      </li>
      {legacyTraceId !== undefined && (
        <li>
          old trace id <code>{legacyTraceId}</code>
        </li>
      )}
    </ul>
  );
}

function Notices({ answer }: { answer: TraceAnswer }) {
  const { isRootMissing, shifts, errors, traceId, errorCount } = answer;
  return (
    <>
      {isRootMissing && (
        <p class="notice">
          The root span has not arrived. The service that began this trace may still be working on it, may not
          have sampled it, or may send its spans elsewhere.
        </p>
      )}
      {shifts.map(({ serviceName, shiftMillis }) => (
        <p key={serviceName} class="notice">
          The clock of <strong>{serviceName}</strong> is {formatDuration(Math.abs(shiftMillis))}{' '}
          {shiftMillis > 0 ? 'behind' : 'ahead of'} its caller’s; its spans are shown shifted by that much.
        </p>
      ))}
      {errors.length > 0 && (
        <p class="failures">
          Failed:{' '}
          {errors.slice(0, 8).map(({ spanId, name }) => (
            <a key={spanId} href={traceLink(traceId, spanId)}>
              {name}
            </a>
          ))}
          {errorCount > 8 && ` and ${plural(errorCount - 8, 'more span', 'more spans')}`}
        </p>
      )}
    </>
  );
}

/** Large traces are shown in parts. */
function Pages({ answer }: { answer: TraceAnswer }) {
  const { rowCount, rows, offset, traceId } = answer;
  if (rowCount <= rows.length) return null;
  const size = 500;
  const link = (to: number) => linkTo(`trace/${traceId}`, { offset: String(to) });
  return (
    <nav class="pages" aria-label="Parts of the trace">
      {offset > 0 && <a href={link(Math.max(0, offset - size))}>Before</a>}
      <span>
        Spans {offset + 1} to {offset + rows.length} of {rowCount.toLocaleString('en')}
      </span>
      {offset + rows.length < rowCount && <a href={link(offset + size)}>After</a>}
    </nav>
  );
}
