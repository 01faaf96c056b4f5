import type { IncomingMessage } from 'node:http';
import type { HttpRequests } from '../plugin/http.js';
import type { LoadedModules, ModulePatch } from '../plugin/modules.js';
import { patchOnce } from './patch-once.js';

/** The file of `@nestjs/core` (8 to 12) whose class every exception of an HTTP request comes to. */
const exceptionsHandlerFile = 'exceptions/exceptions-handler.js';
const bundledName = `@nestjs/core/${exceptionsHandlerFile}` as const;

/** The module by which NestJS answers exceptions, for a service that is bundled into one file. */
export interface BundledNest {
  /** NestJS 8 to 12: what `import * as handler from '@nestjs/core/exceptions/exceptions-handler.js'` returns. */
  readonly '@nestjs/core/exceptions/exceptions-handler.js'?: unknown;
}

/** How NestJS uses the framework of a plugin. */
export interface NestFramework {
  /** Name of the plugin, for example `express`. */
  readonly name: string;
  /**
   * Node's request of what NestJS passes to its handlers as the request.
   *
   * @returns undefined if it is a request of another framework
   */
  requestOf(request: object): IncomingMessage | undefined;
  /**
   * Whether the plugin has already recorded the error that the framework is passing on. NestJS makes an exception of its own of
   * such an error.
   */
  isFailing(request: IncomingMessage): boolean;
}

interface ExceptionsHandler {
  next(exception: unknown, host: ArgumentsHost): void;
}

/** The members of Nest's interface of this name that all these versions have. */
interface ArgumentsHost {
  getType(): string;
  getArgByIndex(index: number): unknown;
}

/**
 * Records what the handlers, guards, pipes, interceptors and middleware of a NestJS app throw, before an exception filter
 * turns it into an answer: the framework below never sees it. NestJS may be loaded as CommonJS (8 to 11), as ES modules
 * (12), or bundled.
 *
 * @param context of the plugin
 * @param bundled the option `modules` of the plugin, if it has one
 *
 * @example
 * import { observeNest, type PluginContext } from '@throughline/core/plugin';
 *
 * function setup(context: PluginContext) {
 *   observeNest(context, {
 *     name: 'acme',
 *     requestOf: (request) => ('acmeRaw' in request ? (request.acmeRaw as import('node:http').IncomingMessage) : undefined),
 *     isFailing: () => false,
 *   });
 * }
 */
export function observeNest(
  context: {
    readonly http: HttpRequests;
    patchModule(patch: ModulePatch, modules?: LoadedModules): void;
  },
  framework: NestFramework,
  bundled?: BundledNest,
): void {
  const patch = (moduleExports: unknown) => patchExceptionsHandler(moduleExports, context.http, framework);
  context.patchModule({
    name: '@nestjs/core',
    file: exceptionsHandlerFile,
    supportedVersions: ['>=8.0.0 <13'],
    // NestJS loads `reflect-metadata` first: without it the service has not come to NestJS yet.
    esModule: { isLoaded: () => 'getMetadata' in Reflect },
    patch,
  });
  const given = bundled?.[bundledName];
  if (given !== undefined) {
    context.patchModule({ name: bundledName, supportedVersions: [], patch }, { [bundledName]: given });
  }
}

/** Each plugin has its own patch, because a process may have NestJS on several frameworks. */
function patchExceptionsHandler(
  moduleExports: unknown,
  http: HttpRequests,
  framework: NestFramework,
): () => void {
  const prototype = (moduleExports as { ExceptionsHandler?: { prototype?: ExceptionsHandler } } | undefined)
    ?.ExceptionsHandler?.prototype;
  if (!prototype) throw new Error('it has no ExceptionsHandler');
  return patchOnce(prototype, `nest-${framework.name}`, (patch) =>
    patch.replace(
      prototype,
      'next',
      (original) =>
        function next(this: ExceptionsHandler, ...args) {
          try {
            if (patch.active) recordException(http, framework, ...args);
          } catch {
            // Observing must not change what the service does.
          }
          return original.apply(this, args);
        },
    ),
  );
}

function recordException(
  http: HttpRequests,
  framework: NestFramework,
  exception: unknown,
  host: ArgumentsHost,
): void {
  if (host.getType() !== 'http') return;
  const argument = host.getArgByIndex(0) as object;
  const request = framework.requestOf(argument);
  if (request === undefined || framework.isFailing(request)) return;
  if (isUnmatched(exception, request)) return;
  http.recordError(request, exception);
}

/** What NestJS throws when no route matches: an answer, and no error of the service. */
function isUnmatched(exception: unknown, request: IncomingMessage & { originalUrl?: unknown }): boolean {
  try {
    if (!(exception instanceof Error) || exception.name !== 'NotFoundException') return false;
    return [request.originalUrl, request.url].some(
      (url) => exception.message === `Cannot ${request.method} ${url}`,
    );
  } catch {
    // Services throw what they like, also what cannot be looked at.
    return false;
  }
}
