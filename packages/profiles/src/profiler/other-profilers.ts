import { createRequire } from 'node:module';
import { join } from 'node:path';

/** Options of Node that profile the process from its start. */
const nodeOptions = /^--(cpu-prof|heap-prof|prof)$/;
/** Modules that profile by the same signal. */
const moduleFile = /^(.*[\\/]node_modules[\\/](@datadog[\\/]pprof|pprof|@pyroscope[\\/]nodejs))[\\/]/;

/**
 * What else profiles this process, in words; undefined if nothing does. Two profilers would cost twice, and take each
 * other's samples.
 *
 * @param own the folder of the package that takes our samples, which is no other profiler
 */
export function otherProfiler(own: string | undefined): string | undefined {
  const given = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? '').split(/\s+/)];
  const option = given.find((each) => nodeOptions.test(each.split('=', 1)[0] ?? ''));
  if (option !== undefined) return `Node was started with ${option}`;
  const { cache } = createRequire(join(process.cwd(), 'package.json'));
  for (const file of Object.keys(cache)) {
    const [, folder, name] = moduleFile.exec(file) ?? [];
    if (folder !== undefined && folder !== own)
      return `${name?.replaceAll('\\', '/')} is loaded from ${folder}`;
  }
  return undefined;
}
