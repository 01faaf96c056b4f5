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
  /** The active one: that of this instance, or that of an SDK that was registered before. */
  readonly contextManager: ContextManager;
  /** Where the context is kept; undefined if it is that of an SDK that was registered before. */
  readonly contextStorage: AsyncLocalStorage<Context> | undefined;
  /** Whether another SDK holds a part of the OpenTelemetry API. */
  readonly hasOtherSdk: boolean;
  /** Whether spans that are created through the API are recorded by this instance. */
  readonly ownsTracer: boolean;
  /**
   * From now on `around` is called for every change of the active context, except those that another SDK makes. It must
   * call `run` once and return what it returns.
   *
   * @returns ends that
   */
  aroundSwitches(around: AroundSwitch): () => void;
  stop(): void;
}

/** Runs code in a context that is not the active one. */
export type AroundSwitch = <T>(context: Context, run: () => T) => T;

/**
 * Registers tracer provider, context manager and propagator with the OpenTelemetry API. What another SDK has registered
 * before stays registered. Its context manager then also carries the spans of this instance.
 */
export function registerGlobals(
  provider: TracerProvider,
  meterProvider: MeterProvider,
  propagator: TextMapPropagator,
): Globals {
  const contextManager = new ThrowNotingContextManager();
  contextManager.enable();
  meetOtherCopies();
  // The API logs with diag.error that something is already registered. Throughline's own warning says more.
  diag.disable();
  const ownsContext = context.setGlobalContextManager(contextManager);
  const ownsTracer = trace.setGlobalTracerProvider(provider);
  const ownsPropagation = propagation.setGlobalPropagator(propagator);
  const ownsMetrics = metrics.setGlobalMeterProvider(meterProvider);
  return {
    contextManager: ownsContext ? contextManager : registeredContextManager(contextManager),
    contextStorage: ownsContext ? contextManager.storage : undefined,
    aroundSwitches(around) {
      contextManager.around = around;
      return () => {
        if (contextManager.around === around) contextManager.around = undefined;
      };
    },
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

/** Remembers the context that an error leaves, in case the error is not caught. */
class ThrowNotingContextManager extends AsyncLocalStorageContextManager {
  around: AroundSwitch | undefined = undefined;
  readonly storage = (this as unknown as { readonly _asyncLocalStorage: AsyncLocalStorage<Context> })
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
      // If the context is already active, there is nothing to switch. `Reflect.apply` as the function that is run
      // saves a bound one per call.
      const result = (
        ctx === this.active()
          ? Reflect.apply(fn, thisArg, args)
          : this.around === undefined
            ? this.storage.run(ctx, Reflect.apply, fn as never, thisArg, args)
            : this.around(ctx, () => this.storage.run(ctx, Reflect.apply, fn as never, thisArg, args))
      ) as ReturnType<F>;
      returned = true;
      return result;
    } finally {
      if (!returned) noteThrow(ctx);
    }
  }
}

function registeredContextManager(own: Pick<ThrowNotingContextManager, 'around'>): ContextManager {
  return {
    active: () => context.active(),
    with: (ctx: Context, fn, thisArg, ...args) =>
      own.around === undefined
        ? context.with(ctx, fn, thisArg, ...args)
        : own.around(ctx, () => context.with(ctx, fn, thisArg, ...args)),
    bind: (ctx, target) => context.bind(ctx, target),
    enable() {
      return this;
    },
    disable() {
      return this;
    },
  };
}
