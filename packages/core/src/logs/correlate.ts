import { ObservabilityError } from '../model/errors.js';
import { type BunyanLike, correlateBunyanLogger } from './correlate-bunyan.js';
import { correlateNest, isNestLogger } from './correlate-nest.js';
import { correlatePino, isPino } from './correlate-pino.js';
import { correlateWinston, type WinstonLike } from './correlate-winston.js';

/** Adds the trace to the lines of one logger, whichever library made it. */
export function correlateLogger<L>(logger: L): L {
  // With a class, all of its instances are correlated.
  const owner = typeof logger === 'function' && isObject(logger.prototype) ? classOrFunction(logger) : logger;
  if (isObject(owner)) {
    if (isPino(owner)) {
      correlatePino(owner);
      return logger;
    }
    if (typeof Reflect.get(owner, '_emit') === 'function') {
      correlateBunyanLogger(owner as unknown as BunyanLike);
      return logger;
    }
    if (isNestLogger(owner)) {
      correlateNest(owner);
      return logger;
    }
    if (
      typeof Reflect.get(owner, 'write') === 'function' &&
      typeof Reflect.get(owner, 'log') === 'function' &&
      typeof Reflect.get(owner, 'child') === 'function'
    ) {
      correlateWinston(owner as unknown as WinstonLike);
      return logger;
    }
  }
  throw new ObservabilityError('OBS_LOGGER_UNKNOWN');
}

function classOrFunction(candidate: object & { prototype?: unknown }): object {
  const { prototype } = candidate;
  return isObject(prototype) && (isNestLogger(prototype) || '_emit' in prototype || 'write' in prototype)
    ? prototype
    : candidate;
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
