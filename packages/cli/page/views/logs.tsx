import { useEffect, useState } from 'preact/hooks';
import type { LinesAnswer } from '../../src/dev/model/api.js';
import { LineList } from '../parts/line-list.js';
import { Message } from '../parts/message.js';
import { apiPath, getJson } from '../state/api.js';
import { isPaused } from '../state/live.js';
import { linkTo, replaceRoute, route } from '../state/route.js';
import { useLive } from '../state/use-live.js';

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const pageLines = 200;

/** One stream of the lines of all services, the newest first. */
export function Logs() {
  const { query } = route.value;
  const filter = {
    ...{ q: query.get('q') ?? '', service: query.get('service') ?? '' },
    ...{ level: query.get('level') ?? '', trace: query.get('trace') ?? '' },
  };
  const set = (changed: Partial<typeof filter>) => replaceRoute(linkTo('logs', { ...filter, ...changed }));
  const path = apiPath('lines', { ...filter, limit: pageLines });
  const { answer, error } = useLive<LinesAnswer>(path, ['lines', 'status']);
  return (
    <>
      <div class="title">
        <h1>Logs</h1>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            From level{' '}
            <select
              value={filter.level}
              onChange={({ currentTarget }) => set({ level: currentTarget.value })}
            >
              <option value="">all</option>
              {levels.map((level) => (
                <option key={level} value={level}>
                  {level}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Service{' '}
            <select
              value={filter.service}
              onChange={({ currentTarget }) => set({ service: currentTarget.value })}
            >
              <option value="">all</option>
              {[
                ...new Set([...(answer?.serviceNames ?? []), filter.service].filter((name) => name !== '')),
              ].map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <label class="field">
            Text{' '}
            <input
              type="search"
              value={filter.q}
              placeholder="word or name=value"
              onInput={({ currentTarget }) => set({ q: currentTarget.value })}
            />
          </label>
          <label class="field">
            Trace{' '}
            <input
              type="search"
              class="code"
              value={filter.trace}
              placeholder="trace id"
              onInput={({ currentTarget }) => set({ trace: currentTarget.value.trim().toLowerCase() })}
            />
          </label>
        </form>
      </div>
      {answer && answer.lines.length > 0 ? (
        <>
          <LineList lines={answer.lines} />
          <Older key={path} path={path} before={answer.nextBefore} />
        </>
      ) : (
        <Message error={error}>{answer ? 'No line fits.' : 'Loading…'}</Message>
      )}
    </>
  );
}

/** Older lines, a page at a time. Reading them pauses the page, so that the lines above stay where they are. */
function Older({ path, before }: { path: string; before: number | undefined }) {
  const [pages, setPages] = useState<readonly LinesAnswer[]>([]);
  const paused = isPaused.value;
  useEffect(() => {
    if (!paused) setPages([]);
  }, [paused]);
  const next = pages.length === 0 ? before : pages.at(-1)?.nextBefore;
  const load = async () => {
    isPaused.value = true;
    const answer = await getJson<LinesAnswer>(`${path}&before=${next}`);
    setPages([...pages, answer]);
  };
  return (
    <>
      {pages.map(({ lines }) => (
        <LineList key={lines[0]?.lineNumber} lines={lines} />
      ))}
      {next !== undefined && (
        <button type="button" onClick={() => void load()}>
          Older lines
        </button>
      )}
    </>
  );
}
