import type { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type ContextManager,
  context,
  diag,
  type MeterProvider,
  metrics,
  propagation,
  type TextMapPropagator,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { noteThrow } from '../context/error-context.js';
import type { Part } from '../model/part.js';
import { meetOtherCopies } from '../patching/api-copies.js';

export interface Globals extends Part {
  /** The one in force, ours or that of an SDK that was there before. */
  readonly contextManager: ContextManager;
  /** Whether another SDK holds a part of the OpenTelemetry API. */
  readonly hasOtherSdk: boolean;
  /** Whether spans that are made through the API are ours. */
  readonly ownsTracer: boolean;
  stop(): void;
}

/**
 * Puts tracer provider, context manager and propagator in force for everything that uses the OpenTelemetry
 * API. What another SDK has registered before stays its own; its context manager then carries our spans too.
 */
export function registerGlobals(
  provider: TracerProvider,
  meterProvider: MeterProvider,
  propagator: TextMapPropagator,
): Globals {
  const contextManager = new ThrowNotingContextManager().enable();
  meetOtherCopies();
  // The API says by diag.error that something is registered already; that is said better by our own warning.
  diag.disable();
  const ownsContext = context.setGlobalContextManager(contextManager);
  const ownsTracer = trace.setGlobalTracerProvider(provider);
  const ownsPropagation = propagation.setGlobalPropagator(propagator);
  const ownsMetrics = metrics.setGlobalMeterProvider(meterProvider);
  return {
    contextManager: ownsContext ? contextManager : registeredContextManager(),
    ownsTracer,
    hasOtherSdk: !ownsContext || !ownsTracer || !ownsPropagation || !ownsMetrics,
    stop() {
      if (ownsTracer) trace.disable();
      if (ownsMetrics) metrics.disable();
      if (ownsPropagation) propagation.disable();
      if (ownsContext) context.disable();
    },
  };
}

/** Remembers where an error came from that leaves a context, in case nobody catches it. */
class ThrowNotingContextManager extends AsyncLocalStorageContextManager {
  private readonly storage = (this as unknown as { readonly _asyncLocalStorage: AsyncLocalStorage<Context> })
    ._asyncLocalStorage;

  override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    ctx: Context,
    fn: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    let returned = false;
    // No catch: to throw it again would change the line that Node prints.
    try {
      // Where the context is in force already, there is nothing to switch. `Reflect.apply` as the function that is run
      // saves a bound one per call.
      const result = (
        ctx === this.active()
          ? Reflect.apply(fn, thisArg, args)
          : this.storage.run(ctx, Reflect.apply, fn as never, thisArg, args)
      ) as ReturnType<F>;
      returned = true;
      return result;
    } finally {
      if (!returned) noteThrow(ctx);
    }
  }
}

function registeredContextManager(): ContextManager {
  return {
    active: () => context.active(),
    with: (ctx: Context, fn, thisArg, ...args) => context.with(ctx, fn, thisArg, ...args),
    bind: (ctx, target) => context.bind(ctx, target),
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  };
}
