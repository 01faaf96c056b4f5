import { type PluginContext, patchOnce } from '@throughline/core/plugin';
import { type FastifyReply, findPrototypes } from './fastify-internals.js';
import { markFailing, nameRoute } from './request-route.js';

/**
 * Patches the prototypes behind all apps of one copy of Fastify, existing or not yet made. Nothing that goes wrong in the
 * patches reaches the service.
 *
 * The route is known as soon as the router has found it (patch-router.ts). But the router of an app that was ready before
 * init may be compiled, and then calls no method that could be replaced. So each of these methods names the route too.
 *
 * @returns removes the patches
 */
export function patchFastify(moduleExports: unknown, http: PluginContext['http']): () => void {
  const { reply, logController, isError, contextOf } = findPrototypes(moduleExports);

  const reached = (current: FastifyReply) => nameRoute(http, current.request.raw, contextOf(current));

  return patchOnce(reply, 'fastify', (patch) => {
    patch.replace(
      reply,
      'send',
      (original) =>
        function send(this: FastifyReply, payload) {
          try {
            if (patch.active) {
              reached(this);
              if (isError(this) || payload instanceof Error) {
                markFailing(this.request.raw);
                http.recordError(this.request.raw, payload);
              }
            }
          } catch {
            // Observing must not change what the service does.
          }
          return original.call(this, payload);
        },
    );
    patch.replace(
      reply,
      'hijack',
      (original) =>
        function hijack(this: FastifyReply) {
          try {
            if (patch.active) reached(this);
          } catch {
            // As above.
          }
          return original.call(this);
        },
    );
    if (!logController) return;
    patch.replace(
      logController,
      'incomingRequest',
      (original) =>
        function incomingRequest(this: unknown, request, current, ...rest) {
          try {
            if (patch.active) reached(current);
          } catch {
            // As above.
          }
          return Reflect.apply(original, this, [request, current, ...rest]);
        },
    );
  });
}
