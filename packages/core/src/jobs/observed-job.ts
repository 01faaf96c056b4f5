import { methodDecorator } from '../patching/method-decorator.js';
import { invalid, type JobOptions } from './job.js';
import type { JobFunction, Jobs } from './jobs.js';

/** A method decorator for both kinds of decorators: those of TC39, and TypeScript's `experimentalDecorators`. */
export interface ObservedJobDecorator {
  <This, Arguments extends unknown[], Result>(
    method: (this: This, ...args: Arguments) => Result,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: Arguments) => Result>,
  ): (this: This, ...args: Arguments) => Result;
  <Method>(target: object, name: string | symbol, descriptor: TypedPropertyDescriptor<Method>): void;
}

export function observedJobDecorator(
  jobs: Jobs,
  name: string,
  options: JobOptions | undefined,
): ObservedJobDecorator {
  return methodDecorator<ObservedJobDecorator>((method, key) => {
    if (typeof method === 'function') return jobs.observe(name, method as JobFunction, options);
    throw invalid(`@observedJob() is on '${String(key)}', which is not a method`);
  });
}
