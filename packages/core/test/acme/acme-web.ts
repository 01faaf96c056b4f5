import type { IncomingMessage, ServerResponse } from 'node:http';

export interface AcmeRequest {
  readonly raw: IncomingMessage;
  readonly response: ServerResponse;
  readonly params: Readonly<Record<string, string>>;
}

export type AcmeHandler = (request: AcmeRequest) => unknown;
type ErrorHandler = (error: unknown, request: AcmeRequest) => void;

export interface AcmeRoute {
  readonly method: string;
  /** A template such as `/orders/:id`. */
  readonly path: string;
  readonly handler: AcmeHandler;
}

/** A web framework in a few lines, of which a plugin can get wrong what it can of a real one. */
export class AcmeRouter {
  readonly routes: AcmeRoute[] = [];

  add(method: string, path: string, handler: AcmeHandler): this {
    this.routes.push({ method, path, handler });
    return this;
  }

  /** Adds the routes of another router below a path. */
  mount(path: string, router: AcmeRouter): this {
    for (const route of router.routes) this.add(route.method, path + route.path, route.handler);
    return this;
  }

  /** The first route that matches, with the values of its parameters. */
  find(method: string, pathname: string): { route: AcmeRoute; params: Record<string, string> } | undefined {
    for (const route of this.routes) {
      if (route.method !== method) continue;
      const params = matchPath(route.path, pathname);
      if (params) return { route, params };
    }
    return undefined;
  }
}

export class AcmeApp extends AcmeRouter {
  private readonly errorHandlers: (readonly [path: string, ErrorHandler])[] = [];

  onError(path: string, handler: ErrorHandler): this {
    this.errorHandlers.push([path, handler]);
    return this;
  }

  listener = (raw: IncomingMessage, response: ServerResponse): void => void this.handle(raw, response);

  async handle(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    const pathname = (raw.url ?? '/').split('?', 1)[0] as string;
    const found = this.find(raw.method ?? 'GET', pathname);
    if (!found) {
      response.writeHead(404).end('not found');
      return;
    }
    const request = { raw, response, params: found.params };
    try {
      await this.run(found.route, request);
    } catch (error) {
      const [, handler] = this.errorHandlers.find(([path]) => pathname.startsWith(path)) ?? [];
      if (handler) handler(error, request);
      else response.writeHead(500).end('error');
    }
  }

  /** Runs the handler of the route that was found. */
  async run(route: AcmeRoute, request: AcmeRequest): Promise<void> {
    await route.handler(request);
  }
}

function matchPath(template: string, pathname: string): Record<string, string> | undefined {
  const parts = template.split('/');
  const values = pathname.split('/');
  if (parts.length !== values.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = values[index] as string;
    if (part.startsWith(':') && value !== '') params[part.slice(1)] = value;
    else if (part !== value) return undefined;
  }
  return params;
}
