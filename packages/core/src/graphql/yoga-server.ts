import { types } from 'node:util';
import { ObservabilityError } from '../model/errors.js';
import { type Patch, patchOnce } from '../patching/patch-once.js';
import type { ModulePatch } from '../plugin/modules.js';
import { observeCall, type StartExecution } from './execution.js';

/** The parts of a server of GraphQL Yoga that are used here, according to its source. */
interface YogaServer {
  getEnveloped?: (...args: unknown[]) => Enveloped;
}
interface Enveloped {
  execute?: (...args: unknown[]) => unknown;
}

/**
 * Observes GraphQL Yoga as an ES module, whose executor is an ES module too and cannot be changed. A server asks its property
 * `getEnveloped` for the functions of each operation. Existing servers are found by what they call on their prototype
 * for each request: the getter of their endpoint, and before version 5.13 the method that answers an operation.
 */
export function yogaPatch(
  start: StartExecution,
  isLoaded: () => boolean,
  report: (error: ObservabilityError) => void,
): ModulePatch {
  return {
    name: 'graphql-yoga',
    supportedVersions: ['>=3.0.0 <6'],
    esModule: { isLoaded },
    patch(moduleExports, version) {
      // As CommonJS, it uses an executor that is patched.
      if (!types.isModuleNamespaceObject(moduleExports)) return undefined;
      const { prototype } = (moduleExports as { YogaServer: { prototype: object } }).YogaServer;
      const endpoint = Object.getOwnPropertyDescriptor(prototype, 'graphqlEndpoint');
      if (!endpoint?.get && !Object.hasOwn(prototype, 'getResultForParams')) {
        report(
          new ObservabilityError(
            'OBS_GRAPHQL_UNREACHABLE',
            `GraphQL operations are not recorded: graphql-yoga ${version} as an ES module gives no access to them.`,
          ),
        );
        return undefined;
      }
      return patchOnce(prototype, 'graphql', (patch) => {
        const seen = new WeakSet<YogaServer>();
        const see = (server: YogaServer) => {
          if (!patch.active || seen.has(server)) return;
          seen.add(server);
          observeServer(server, patch, start);
        };
        if (endpoint?.get) {
          const { get } = endpoint;
          Object.defineProperty(prototype, 'graphqlEndpoint', {
            ...endpoint,
            get(this: YogaServer) {
              see(this);
              return get.call(this);
            },
          });
          patch.onUndo(() => Object.defineProperty(prototype, 'graphqlEndpoint', endpoint));
          return;
        }
        patch.replace(
          prototype,
          'getResultForParams',
          (getResultForParams) =>
            function (this: YogaServer, ...args: unknown[]) {
              see(this);
              return Reflect.apply(getResultForParams, this, args);
            },
        );
      });
    },
  };
}

function observeServer(server: YogaServer, patch: Patch, start: StartExecution): void {
  const { getEnveloped } = server;
  if (typeof getEnveloped !== 'function') return;
  const observed = (...args: unknown[]) => {
    const enveloped = getEnveloped(...args);
    const { execute } = enveloped;
    if (patch.active && typeof execute === 'function') {
      enveloped.execute = (...given) =>
        observeCall(start, given, () => Reflect.apply(execute, enveloped, given));
    }
    return enveloped;
  };
  server.getEnveloped = Object.assign(observed, getEnveloped);
}
