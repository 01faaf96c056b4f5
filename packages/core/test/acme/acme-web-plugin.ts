import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { followCall, type ObservabilityPlugin, patchOnce } from '../../src/plugin.js';
import { AcmeApp, type AcmeRoute } from './acme-web.js';

const early = 'an app that is made before init: the route is on span and metric, and no id is';
const late = 'an app that is made after init: the route is on span and metric, and no id is';
const nested = 'a route in routers within routers has the paths around it';
const handled = 'an error that the service answers is recorded once, by its class';
const switched = 'apps survive that the plugin is switched off and on again';

/** Each fault breaks one promise of plugins for HTTP frameworks. The value names the test that must fail. */
export const faults = {
  'names the path': late,
  'names nothing': late,
  'sees new apps only': early,
  'sees apps without a past only':
    'an app that has answered requests before init: the next request has its route',
  'forgets the paths around': nested,
  'names the path of an unmatched request': 'a request that matches no route has none',
  'records no errors': 'an error that nobody handles is on span and metric, by its class',
  'records unhandled errors only': handled,
  'records an error twice': handled,
  'names the route when the handler is done':
    'middleware or a hook that answers by itself: the route is the one in front of which it stands',
  'runs handlers outside of their span':
    'a handler runs in the span of its request, with the baggage of the caller',
  'names the route late': 'a client that disconnects: the span has its route',
  'drops the last part': 'a stream: the span ends with the last part',
  'adds a header': 'the answers are those that the service gives without the plugin',
  'answers unreadable errors itself': 'the answers are those that the service gives without the plugin',
  'keeps one route for all': 'requests at the same time each have their own route and error',
  'sees apps once': switched,
  'goes on when it is off': switched,
  'patches twice': 'two plugins record a request and its error once',
  'leaves its patch': 'after shutdown nothing is left of the plugin, and the app goes on',
} as const;
type Fault = keyof typeof faults;

let plugins = 0;
const used = new WeakSet<AcmeApp>();
const born = new WeakMap<AcmeApp, number>();

/** Remembers when an app was made. */
export function madeNow(app: AcmeApp): AcmeApp {
  born.set(app, performance.now());
  return app;
}
/** Remembers that an app has answered. */
export const markUsed = (app: AcmeApp) => used.add(app);

/** @param fault what this plugin does wrong */
export function acmeWebPlugin(fault?: Fault): ObservabilityPlugin {
  return {
    name: 'acme-web',
    setup({ http }) {
      const started = performance.now();
      const name = fault === 'patches twice' ? `acme-web-${++plugins}` : 'acme-web';
      const ignores = (app: AcmeApp, active: boolean) => {
        if (!active && fault !== 'goes on when it is off') return true;
        if (fault === 'sees new apps only' || fault === 'sees apps once')
          return (born.get(app) ?? 0) < started;
        return fault === 'sees apps without a past only' && used.has(app);
      };
      let first: string | undefined;
      const routeOf = (route: AcmeRoute, pathname: string | undefined): string | undefined => {
        if (fault === 'names the path') return pathname;
        if (fault === 'names nothing') return undefined;
        if (fault === 'forgets the paths around') return `/${route.path.split('/').slice(-2).join('/')}`;
        if (fault === 'keeps one route for all') {
          first ??= route.path;
          return first;
        }
        return route.path;
      };
      const undo = patchOnce(AcmeApp.prototype, name, (patch) => {
        patch.replace(
          AcmeApp.prototype,
          'run',
          (run) =>
            function observedRun(this: AcmeApp, route, request) {
              if (ignores(this, patch.active)) return run.call(this, route, request);
              const { raw, response } = request;
              const setRoute = () => http.setRoute(raw, routeOf(route, raw.url?.split('?', 1)[0]));
              const isLate =
                fault === 'names the route late' || fault === 'names the route when the handler is done';
              if (!isLate) setRoute();
              if (fault === 'adds a header') response.setHeader('x-acme', '1');
              if (fault === 'drops the last part') {
                const { end } = response;
                response.end = () => Reflect.apply(end, response, []);
              }
              const call = () => run.call(this, route, request);
              return followCall(
                fault === 'runs handlers outside of their span'
                  ? () => context.with(ROOT_CONTEXT, call)
                  : call,
                () => {
                  if (fault === 'names the route late') setRoute();
                },
                (error) => {
                  if (fault === 'records no errors') return;
                  if (fault === 'records unhandled errors only' && route.path.startsWith('/handled')) return;
                  http.recordError(raw, fault === 'patches twice' ? Object.create(error as object) : error);
                  if (fault === 'records an error twice') {
                    http.recordError(raw, Object.create(error as object));
                  }
                },
              ).catch((error) => {
                if (fault === 'answers unreadable errors itself' && typeof error === 'string') {
                  response.writeHead(500).end('of the plugin');
                  return;
                }
                throw error;
              });
            },
        );
        if (fault !== 'names the path of an unmatched request') return;
        patch.replace(
          AcmeApp.prototype,
          'handle',
          (handle) =>
            function observedHandle(this: AcmeApp, raw, response) {
              http.setRoute(raw, raw.url);
              return handle.call(this, raw, response);
            },
        );
      });
      return fault === 'leaves its patch' || fault === 'goes on when it is off' ? undefined : undo;
    },
  };
}
