/** The requests that a route matches. */
export interface RoutePattern {
  /** Undefined: every method. */
  readonly method: string | undefined;
  readonly path: RegExp;
}

const form = /^(?:([A-Z]+) +)?(\/[^*]*(?:\*\w*)?|\*\w*)$/;

/**
 * Reads `/orders/:id`, `GET /orders/{id}` or `/reports/*`: a parameter is one segment, `*` at the end is anything.
 *
 * @throws Error whose message says what a route looks like
 */
export function routePattern(route: string): RoutePattern {
  const [, method, path] = form.exec(route) ?? [];
  if (!path || route.length > 256) {
    throw new Error(
      `takes routes such as '/orders/:id', 'GET /orders/{id}' or '/reports/*', but '${route.slice(0, 64)}' is none`,
    );
  }
  const source = path
    .replace(/\/+$/, '')
    .split(/(:\w+|\{\w+\}|\*\w*)/)
    .map((part) => {
      if (part.startsWith('*')) return '.*';
      if (/^(:\w+|\{\w+\})$/.test(part)) return '[^/]+';
      return part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
    })
    .join('');
  return { method, path: new RegExp(`^${source}/?$`, 's') };
}
