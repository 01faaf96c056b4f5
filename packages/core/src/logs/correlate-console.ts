import { format } from 'node:util';
import { callingContext, correlation, jsonMembers, textSuffix } from './correlation.js';
import { callContext } from './log-record.js';
import { wrapMethod } from './wrap-method.js';

const levels = { debug: 'debug', log: 'info', info: 'info', warn: 'warn', error: 'error' } as const;

type Print = (...args: unknown[]) => void;

/** Lines of `console`: text gets the fields at its end, a JSON object gets them as members. @returns removes the patch */
export function correlateConsole(target: Record<keyof typeof levels, Print> = console): () => void {
  const undos = (Object.keys(levels) as (keyof typeof levels)[]).map((name) =>
    wrapMethod(target, name, (original) => (...args) => {
      correlation().copy?.({
        level: levels[name],
        message: format(...args),
        [callContext]: callingContext(),
      });
      Reflect.apply(original, target, withFields(args));
    }),
  );
  return () => {
    for (const undo of undos) undo();
  };
}

function withFields(args: unknown[]): unknown[] {
  const [first] = args;
  if (args.length === 1 && typeof first === 'string' && first.startsWith('{') && first.endsWith('}')) {
    const members = jsonMembers((name) => first.includes(`"${name}":`));
    return [first === '{}' ? `{${members.slice(1)}}` : `${first.slice(0, -1)}${members}}`];
  }
  const suffix = textSuffix();
  if (suffix === '') return args;
  if (args.length === 0) return [suffix.trimStart()];
  if (args.length === 1 && typeof first === 'string') return [first + suffix];
  // A placeholder without a value would take the suffix for one.
  if (typeof first === 'string' && first.includes('%')) return [format(...args) + suffix];
  return [...args, suffix.trimStart()];
}
