import type { Tracer } from '@opentelemetry/api';
import { ObservabilityError } from '../model/errors.js';
import { copyMetadata } from '../patching/decorator-metadata.js';
import { methodDecorator } from '../patching/method-decorator.js';
import { runWithSpan, type WithSpanOptions } from './with-span.js';

/** A method decorator for both kinds of decorators: those of TC39, and TypeScript's `experimentalDecorators`. */
export interface TracedDecorator {
  <This, Arguments extends unknown[], Result>(
    method: (this: This, ...args: Arguments) => Result,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => Result>,
  ): (this: This, ...args: Arguments) => Result;
  <Method>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>): void;
}

type DecoratedMethod = (this: unknown, ...args: unknown[]) => unknown;

/**
 * @param tracer called each time, because classes are defined before `initObservability` runs
 */
export function tracedDecorator(
  tracer: () => Tracer,
  name: string | undefined,
  options: WithSpanOptions | undefined,
): TracedDecorator {
  const wrap = (method: unknown, key: string | symbol): DecoratedMethod => {
    if (typeof method !== 'function') {
      throw new ObservabilityError(
        'OBS_TRACED_INVALID',
        `@traced() was applied to '${String(key)}', which is not a method.`,
      );
    }
    const original = method as DecoratedMethod;
    const tracedMethod = function (this: unknown, ...args: unknown[]) {
      return runWithSpan(
        tracer(),
        name ?? spanNameOf(this, key),
        () => Reflect.apply(original, this, args),
        options,
      );
    };
    copyMetadata(original, tracedMethod);
    return tracedMethod;
  };
  return methodDecorator<TracedDecorator>(wrap);
}

/** `OrderService.place`: class and method, never arguments, so that the number of names stays small. */
function spanNameOf(self: unknown, key: string | symbol): string {
  const owner =
    typeof self === 'function' ? self : (self as { constructor?: unknown } | undefined)?.constructor;
  const className = typeof owner === 'function' && owner !== Object ? owner.name : '';
  const method = typeof key === 'symbol' ? (key.description ?? 'symbol') : key;
  return className === '' ? method : `${className}.${method}`;
}
