import type { TraceSummary } from '../../src/dev/model/api.js';
import { Message } from '../parts/message.js';
import { TraceList } from '../parts/trace-list.js';
import { apiPath } from '../state/api.js';
import { status } from '../state/live.js';
import { linkTo, replaceRoute, route } from '../state/route.js';
import { useLive } from '../state/use-live.js';

/** All traces, the newest first, with filters. */
export function Traces() {
  const { query } = route.value;
  const filter = {
    ...{ q: query.get('q') ?? '', service: query.get('service') ?? '' },
    ...{ operation: query.get('operation') ?? '', errors: query.get('errors') ?? '' },
  };
  const set = (changed: Partial<typeof filter>) => replaceRoute(linkTo('traces', { ...filter, ...changed }));
  const { answer, error } = useLive<readonly TraceSummary[]>(apiPath('traces', { ...filter, limit: 200 }), [
    'traces',
    'status',
  ]);
  return (
    <>
      <div class="title">
        <h1>Traces</h1>
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="field">
            Service{' '}
            <select
              value={filter.service}
              onChange={({ currentTarget }) => set({ service: currentTarget.value })}
            >
              <option value="">all</option>
              {status.value?.services.map(({ name }) => (
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
            <input
              type="checkbox"
              checked={filter.errors === '1'}
              onChange={({ currentTarget }) => set({ errors: currentTarget.checked ? '1' : '' })}
            />{' '}
            failed
          </label>
          {filter.operation !== '' && (
            <button type="button" onClick={() => set({ operation: '' })}>
              {filter.operation} ×
            </button>
          )}
        </form>
      </div>
      {answer && answer.length > 0 ? (
        <TraceList traces={answer} />
      ) : (
        <Message error={error}>{answer ? 'No trace fits.' : 'Loading…'}</Message>
      )}
    </>
  );
}
