/**
 * Makes a method decorator for both kinds of decorators, those of TC39 and TypeScript's `experimentalDecorators`.
 *
 * @param replace gives what takes the method's place; called with undefined where there is no method
 */
export function methodDecorator<Decorator>(
  replace: (method: unknown, key: string | symbol) => unknown,
): Decorator {
  return ((
    target: unknown,
    contextOrKey: ClassMethodDecoratorContext | string | symbol,
    descriptor?: PropertyDescriptor,
  ) => {
    if (typeof contextOrKey === 'object') return replace(target, contextOrKey.name);
    if (descriptor) descriptor.value = replace(descriptor.value, contextOrKey);
    else replace(undefined, contextOrKey);
    return undefined;
  }) as Decorator;
}
