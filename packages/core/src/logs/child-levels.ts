import { propertyOf } from '../model/foreign-error.js';
import { type LogLevel, levelOrder } from '../model/log-level.js';
import type { LogInfo } from './log-record.js';

/** Under this key a line carries the name of the child logger that wrote it. */
const childName = Symbol('throughline.logs.child-name');

/** Levels of child loggers, by the name that a child got in its field `logger` or `name`. */
export interface ChildLevels {
  /** The most verbose of them; `undefined` while there is none. */
  readonly mostVerbose: LogLevel | undefined;
  set(name: string, level: LogLevel | undefined): void;
  /** What a child adds to its lines so that they are recognized. */
  markOf(defaults: Readonly<Record<string, unknown>>): object | undefined;
  /** The level that applies to a line, in winston's order; `undefined` if it is the level of the service. */
  thresholdFor(info: LogInfo): number | undefined;
}

export function childLevels(): ChildLevels {
  const levels = new Map<string, LogLevel>();
  const state: { -readonly [K in keyof ChildLevels]: ChildLevels[K] } = {
    mostVerbose: undefined,
    set(name, level) {
      if (level === undefined) levels.delete(name);
      else levels.set(name, level);
      state.mostVerbose = [...levels.values()].sort((a, b) => levelOrder[b] - levelOrder[a])[0];
    },
    markOf(defaults) {
      const name = propertyOf(defaults, 'logger') ?? propertyOf(defaults, 'name');
      return typeof name === 'string' ? { [childName]: name } : undefined;
    },
    thresholdFor(info) {
      if (state.mostVerbose === undefined) return undefined;
      const level = levels.get(info[childName] as string);
      return level && levelOrder[level];
    },
  };
  return state;
}
