import { types } from 'node:util';

/**
 * For callbacks that have to answer at once. An async function instead returns a promise, which is not an answer;
 * when it rejects, it must not end the process.
 *
 * @returns whether it was a promise
 */
export function isLateAnswer(answer: unknown, rejected: (error: unknown) => void = () => {}): boolean {
  if (!types.isPromise(answer)) return false;
  answer.catch(rejected);
  return true;
}
