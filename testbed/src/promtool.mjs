import { backendHint, backendProgram } from './backend-programs.mjs';

/** What to do if there is no promtool. */
const promtoolHint = backendHint('promtool');

/**
 * Prometheus' own checker of rules and metrics: at PROMTOOL, on the PATH, or built into the cache.
 *
 * @returns its path; undefined if there is none; then a line says so, and in CI it fails
 */
export function promtool() {
  const found = process.env.PROMTOOL || backendProgram('promtool');
  if (found) return found;
  const notice = `promtool is off: ${promtoolHint}.`;
  if (process.env.CI) throw new Error(notice);
  console.log(notice);
  return undefined;
}
