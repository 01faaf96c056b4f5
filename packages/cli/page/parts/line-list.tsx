import type { LineAnswer } from '../../src/dev/model/api.js';
import { formatTime, formatValue } from '../model/format.js';
import { traceLink } from '../state/route.js';
import { ServiceName } from './service-name.js';

/** Log lines; each opens to show its fields. */
export function LineList({
  lines,
  link = 'trace',
}: {
  lines: readonly LineAnswer[];
  /** Where a line leads, if its trace is in memory. */ link?: 'trace' | 'span' | 'none';
}) {
  return (
    <ul class="lines">
      {lines.map((line) => (
        <Line key={line.lineNumber} line={line} link={link} />
      ))}
    </ul>
  );
}

function Line({ line, link }: { line: LineAnswer; link: 'trace' | 'span' | 'none' }) {
  const { level, message, serviceName, timeMillis, traceId, spanId, attributes, channel, isTraceStored } =
    line;
  const fields = Object.entries(attributes);
  return (
    <li class={`line ${level ?? 'none'}`}>
      <details>
        <summary>
          <span class="time">{formatTime(timeMillis)}</span>
          <span class={`level ${level ?? 'none'}`}>{level ?? channel}</span>
          <ServiceName name={serviceName} />
          <span class="text" title={message.slice(0, 1_000)}>
            {message}
          </span>
        </summary>
        {(message.length > 100 || message.includes('\n')) && <pre>{message}</pre>}
        <dl class="attributes">
          {fields.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{formatValue(value)}</dd>
            </div>
          ))}
          {traceId !== undefined && (
            <div>
              <dt>trace id</dt>
              <dd>
                <code>{traceId}</code>
                {!isTraceStored && ' (not in memory)'}
              </dd>
            </div>
          )}
        </dl>
      </details>
      {link !== 'none' && traceId !== undefined && isTraceStored && (
        <a
          class="to-trace"
          href={traceLink(traceId, spanId)}
          aria-label={`The ${link} of ${message.slice(0, 80)}`}
        >
          {link}
        </a>
      )}
    </li>
  );
}
