import { useEffect, useRef } from 'preact/hooks';
import { Banner } from './parts/banner.js';
import { Header } from './parts/header.js';
import { Message } from './parts/message.js';
import { StatusLine } from './parts/status-line.js';
import { changes, isPaused, refreshStatus, status } from './state/live.js';
import { type Route, route } from './state/route.js';
import { Logs } from './views/logs.js';
import { ServiceMap } from './views/map.js';
import { Operation } from './views/operation.js';
import { Overview } from './views/overview.js';
import { Search } from './views/search.js';
import { Trace } from './views/trace.js';
import { Traces } from './views/traces.js';

const statusIntervalMillis = 2_000;

export function App() {
  const main = useRef<HTMLElement>(null);
  const statusRevision = changes.value?.status;
  useEffect(() => {
    void refreshStatus();
  }, [statusRevision]);
  useEffect(() => {
    // Counts grow all the time, which is no reason to draw them all the time.
    const timer = setInterval(() => {
      if (!isPaused.value && !document.hidden) void refreshStatus();
    }, statusIntervalMillis);
    return () => clearInterval(timer);
  }, []);
  const { path } = route.value;
  const view = path.join('/');
  useEffect(() => {
    document.title = `${titleOf(route.value)} · Throughline`;
    // A new view begins at its top, for the eyes and for the keyboard.
    scrollTo(0, 0);
  }, [view]);
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <Header />
      <Banner />
      <main id="main" ref={main} tabIndex={-1}>
        {status.value ? <View {...route.value} /> : <Message>Loading…</Message>}
      </main>
      <StatusLine />
    </>
  );
}

function View({ path, query }: Route) {
  const text = (name: string) => query.get(name) ?? '';
  switch (path[0]) {
    case undefined:
      return <Overview />;
    case 'operation':
      return <Operation serviceName={text('service')} operation={text('operation')} />;
    case 'traces':
      return <Traces />;
    case 'trace':
      return <Trace key={path[1]} traceId={path[1] ?? ''} spanId={text('span') || undefined} />;
    case 'logs':
      return <Logs />;
    case 'map':
      return <ServiceMap />;
    case 'search':
      return <Search text={text('q')} />;
    default:
      return <h1>There is no such view</h1>;
  }
}

function titleOf({ path, query }: Route): string {
  switch (path[0]) {
    case undefined:
      return 'Overview';
    case 'operation':
      return query.get('operation') ?? 'Route';
    case 'trace':
      return `Trace ${path[1]?.slice(0, 8) ?? ''}`;
    default:
      return path[0].charAt(0).toUpperCase() + path[0].slice(1);
  }
}
