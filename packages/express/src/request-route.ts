import type { ServerResponse } from 'node:http';
import { isList, joinPaths, matchingMember, pathnameOf, pathText } from './declared-path.js';
import {
  type DeclaredPath,
  type ExpressRequest,
  isRoute,
  type Layer,
  type LayerConstructor,
  type Route,
} from './express-internals.js';
import { templateOfMount } from './mount-template.js';

/** One pass of a request through the stack of a router. */
interface RouterRun {
  readonly outer: RouterRun | undefined;
  /** For the paths of this router. */
  readonly Layer: LayerConstructor;
  /** `req.baseUrl` while routes of this router run: what the mount paths around it took of the path. */
  readonly baseUrl: string;
  /** The same as a template. */
  readonly template: string;
  /** The route that was reached when the request came to this router; it stays, unless this one has a better. */
  readonly outerTemplate: string;
  readonly outerPath: DeclaredPath | undefined;
}

const requestRoute = Symbol('throughline.express.request-route');

interface Routed {
  [requestRoute]?: RequestRoute;
}

export function requestRouteOf(req: ExpressRequest): RequestRoute | undefined {
  return (req as Routed)[requestRoute];
}

/**
 * Follows one request through routers and layers, so that it always knows the route of the layer that is
 * running. It stops when the headers are sent: what runs after that did not answer.
 *
 * Middleware mounted under a path counts as a route of that path. Middleware at the root does not count as a route.
 */
export class RequestRoute {
  /** The route: the mount path of its router and, unless it is middleware, its own path. */
  private template = '';
  private path: DeclaredPath | undefined;

  private run: RouterRun | undefined;
  /** Where the middleware that ran last is mounted, as `req.baseUrl` and as a template. */
  private mountUrl: string | undefined;
  private mountTemplate = '';
  /**
   * `req.route` as of the layer that ran last. Express sets it before the `router.param` callbacks of a route:
   * as long as it is another, these callbacks are running and the route has not been reached.
   */
  private seenRoute: unknown;
  private answered = false;
  private failed = false;

  constructor(req: ExpressRequest) {
    this.seenRoute = req.route;
    (req as Routed)[requestRoute] = this;
  }

  enterRouter(req: ExpressRequest, Layer: LayerConstructor): RouterRun {
    const outer = this.run;
    const baseUrl = req.baseUrl ?? '';
    const isMounted =
      outer !== undefined &&
      baseUrl !== outer.baseUrl &&
      this.mountUrl !== undefined &&
      baseUrl.startsWith(this.mountUrl);
    this.run = {
      outer,
      Layer,
      baseUrl,
      // A baseUrl that Express did not set (but an outer framework, or the service) is not a template.
      template: isMounted ? this.mountTemplate : (outer?.template ?? ''),
      outerTemplate: this.template,
      outerPath: this.path,
    };
    return this.run;
  }

  leaveRouter(run: RouterRun): void {
    this.run = run.outer;
  }

  /** The route or middleware is about to run. */
  reachLayer(layer: Layer, req: ExpressRequest, res: ServerResponse): void {
    this.failed = false;
    const run = this.runAt(req.baseUrl ?? '');
    if (run === undefined || this.isAnswered(res)) return;
    if (layer.route !== undefined) this.reachRoute(layer.route, req, run);
    else this.reachMiddleware(layer, req, run);
  }

  /** A router may go on while one within it is still running: middleware that gives up after a time. */
  private runAt(baseUrl: string): RouterRun | undefined {
    while (this.run?.outer && !baseUrl.startsWith(this.run.baseUrl)) this.run = this.run.outer;
    return this.run;
  }

  private reachRoute(route: Route, req: ExpressRequest, { template, Layer }: RouterRun): void {
    const { path } = route;
    this.seenRoute = route;
    this.template = template;
    this.path = isList(path) ? matchingMember(route, path, pathnameOf(req.url), { Layer, end: true }) : path;
  }

  private reachMiddleware(layer: Layer, req: ExpressRequest, run: RouterRun): void {
    const baseUrl = req.baseUrl ?? '';
    this.seenRoute = req.route;
    if (baseUrl === run.baseUrl || !baseUrl.startsWith(run.baseUrl)) {
      this.template = run.outerTemplate;
      this.path = run.outerPath;
      return;
    }
    this.template = run.template + templateOfMount(layer, baseUrl.slice(run.baseUrl.length));
    this.path = undefined;
    this.mountUrl = baseUrl;
    this.mountTemplate = this.template;
  }

  /** The layer did not answer. The request continues in this router, or after it. */
  passOn(run: RouterRun | undefined, req: ExpressRequest, res: ServerResponse): void {
    if (this.isAnswered(res)) return;
    this.seenRoute = req.route;
    this.template = run?.outerTemplate ?? '';
    this.path = run?.outerPath;
  }

  /** An error occurred. The route stays, no matter which handler answers; the request may have failed before it reached the route. */
  fail(req: ExpressRequest, res: ServerResponse): void {
    this.failed = true;
    if (!this.isAnswered(res)) this.reachPendingRoute(req);
  }

  /** Whether Express is handing an error from layer to layer. */
  get isFailing(): boolean {
    return this.failed;
  }

  private reachPendingRoute(req: ExpressRequest): void {
    if (req.route !== this.seenRoute && this.run !== undefined && isRoute(req.route)) {
      this.reachRoute(req.route, req, this.run);
    }
  }

  private isAnswered(res: ServerResponse): boolean {
    if (!this.answered && res.headersSent) this.answered = true;
    return this.answered;
  }

  get currentRun(): RouterRun | undefined {
    return this.run;
  }

  /** The route, once the response has ended. */
  resolve(req: ExpressRequest): string | undefined {
    if (!this.answered) this.reachPendingRoute(req);
    if (this.path !== undefined) return joinPaths(this.template, pathText(this.path));
    return this.template === '' ? undefined : this.template;
  }
}
