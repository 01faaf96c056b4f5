import { signal } from '@preact/signals';

/** What the address says is shown: the part after `#`. */
export interface Route {
  /** The parts of the path, for example `['trace', '0af7…']`; empty for the overview. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export const route = signal<Route>(parseRoute(location.hash));

function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return {
    path: path
      .split('/')
      .filter((part) => part !== '')
      .map(decoded),
    query: new URLSearchParams(query),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The address of a view, for links. Undefined and empty values are left out. */
export function linkTo(path: string, query: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => Boolean(pair[1]));
  const text = new URLSearchParams(given).toString();
  return `#/${path}${text === '' ? '' : `?${text}`}`;
}

export const traceLink = (traceId: string, spanId?: string | undefined): string =>
  linkTo(`trace/${traceId}`, { span: spanId });

/** Changes the address without a new step in the history: for filters while they are typed. */
export function replaceRoute(link: string): void {
  history.replaceState(null, '', link);
  route.value = parseRoute(link);
}

export function followAddress(): void {
  addEventListener('hashchange', () => {
    route.value = parseRoute(location.hash);
  });
}
