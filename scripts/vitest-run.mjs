import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Started with a program of Node, it runs the tests in that Node. */
export const vitestProgram = fileURLToPath(new URL('../node_modules/vitest/vitest.mjs', import.meta.url));

/** The environment in which `node` is a given program, also for npm and for the commands that tests start by name. */
export function onNode(program) {
  const { PATH, Path = PATH, ...rest } = process.env;
  return { ...rest, PATH: `${dirname(program)}${delimiter}${Path ?? ''}` };
}
