import { useEffect, useRef } from 'preact/hooks';
import { answered } from '../state/api.js';
import { isConnected, isPaused, refreshStatus, status } from '../state/live.js';
import { linkTo, route } from '../state/route.js';
import { setTheme, type Theme, theme, themes } from '../state/theme.js';

const views = [
  ['', 'Overview'],
  ['traces', 'Traces'],
  ['logs', 'Logs'],
  ['map', 'Map'],
] as const;

export function Header() {
  const current = route.value.path[0] ?? '';
  // A route belongs to the overview, and a trace to the traces.
  const section = current === 'operation' ? '' : current === 'trace' ? 'traces' : current;
  return (
    <header class="header">
      <a class="brand" href="#/">
        Throughline
      </a>
      <nav aria-label="Views">
        {views.map(([path, name]) => (
          <a key={path} href={linkTo(path)} aria-current={section === path ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
      <SearchField />
      <div class="tools">
        <button
          type="button"
          aria-pressed={isPaused.value}
          onClick={() => {
            isPaused.value = !isPaused.value;
          }}
        >
          {isPaused.value ? 'Paused' : isConnected.value ? 'Live' : 'Offline'}
        </button>
        <a class="button" href="api/session" download>
          Save
        </a>
        <OpenButton />
        <label>
          <span class="hidden">Theme</span>
          <select
            value={theme.value}
            onChange={({ currentTarget }) => setTheme(currentTarget.value as Theme)}
          >
            {themes.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </select>
        </label>
      </div>
    </header>
  );
}

function SearchField() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = field.current?.value.trim();
          if (text) location.hash = linkTo('search', { q: text });
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Search by trace id, old trace id, route or text"
          aria-keyshortcuts="/"
          placeholder="Trace id, old trace id, route or text  ( / )"
        />
      </form>
    </search>
  );
}

/** Shows a saved session. */
function OpenButton() {
  const field = useRef<HTMLInputElement>(null);
  const open = async (file: File) => {
    try {
      const query = new URLSearchParams({ name: file.name });
      status.value = await answered(await fetch(`api/session?${query}`, { method: 'POST', body: file }));
      location.hash = '#/';
    } catch (error) {
      alert(`${file.name} was not opened. ${(error as Error).message}`);
    }
  };
  const close = async () => {
    await fetch('api/session', { method: 'DELETE' });
    await refreshStatus();
  };
  if (status.value?.session) {
    return (
      <button type="button" onClick={() => void close()}>
        Back to live
      </button>
    );
  }
  return (
    <>
      <button type="button" onClick={() => field.current?.click()}>
        Open…
      </button>
      <input
        ref={field}
        type="file"
        hidden
        aria-label="A saved session"
        onChange={({ currentTarget }) => {
          const [file] = currentTarget.files ?? [];
          if (file) void open(file);
          currentTarget.value = '';
        }}
      />
    </>
  );
}
