import type { IncomingMessage } from 'node:http';
import { type PluginContext, patchOnce } from '@throughline/core/plugin';
import { requestRouteOf } from './request-route.js';

/** The file of `@nestjs/core` (8 to 12) whose class every exception of an HTTP request comes to. */
export const exceptionsHandlerFile = 'exceptions/exceptions-handler.js';

interface ExceptionsHandler {
  next(exception: unknown, host: ArgumentsHost): void;
}

/** The members of Nest's interface of this name that all these versions have. */
interface ArgumentsHost {
  getType(): string;
  getArgByIndex(index: number): unknown;
}

interface NestRequest extends IncomingMessage {
  readonly originalUrl?: string;
}

/**
 * Records what the handlers, guards, pipes, interceptors and middleware of a Nest app throw, before an exception
 * filter turns it into an answer: Express never sees it.
 *
 * @param moduleExports the exports of {@link exceptionsHandlerFile}
 * @returns removes the patch
 */
export function patchNest(moduleExports: unknown, http: PluginContext['http']): () => void {
  const prototype = (moduleExports as { ExceptionsHandler?: { prototype?: ExceptionsHandler } } | undefined)
    ?.ExceptionsHandler?.prototype;
  if (!prototype) throw new Error('it has no ExceptionsHandler');
  return patchOnce(prototype, 'nest', (patch) =>
    patch.replace(
      prototype,
      'next',
      (original) =>
        function next(this: ExceptionsHandler, ...args) {
          try {
            if (patch.active) recordException(http, ...args);
          } catch {
            // Observing must not change what the service does.
          }
          return original.apply(this, args);
        },
    ),
  );
}

function recordException(http: PluginContext['http'], exception: unknown, host: ArgumentsHost): void {
  if (host.getType() !== 'http') return;
  const request = host.getArgByIndex(0) as NestRequest;
  // Nest also handles the errors of Express, and turns them into its exceptions. Those are already recorded.
  if (requestRouteOf(request)?.isFailing) return;
  if (isUnmatched(exception, request)) return;
  http.recordError(request, exception);
}

/** What Nest throws when no route matches: an answer, as it is in Express, and no error of the service. */
function isUnmatched(exception: unknown, { method, originalUrl }: NestRequest): boolean {
  try {
    return (
      exception instanceof Error &&
      exception.name === 'NotFoundException' &&
      exception.message === `Cannot ${method} ${originalUrl}`
    );
  } catch {
    // Services throw what they like, also what cannot be looked at.
    return false;
  }
}
