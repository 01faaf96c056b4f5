import type { ObservabilityPlugin } from '../plugin/plugin.js';
import { captureObservability } from './capture.js';

/** One promise of the plugin contract, and whether the plugin keeps it. */
export interface PluginCheck {
  /** What every plugin promises, in one sentence. */
  readonly promise: string;
  /** Whether this plugin keeps it. */
  readonly kept: boolean;
  /** What went wrong, if it does not. */
  readonly detail?: string;
}

/**
 * Checks a plugin against the contract that all plugins share. It starts and stops observability, so it runs
 * in a test that has not started it itself. Any test runner can assert on the result.
 *
 * @param create makes a new plugin, as a service would: `() => expressPlugin()`
 *
 * @example
 * for (const { promise, kept, detail } of await checkPlugin(() => natsPlugin())) {
 *   test(promise, () => assert.ok(kept, detail));
 * }
 */
export async function checkPlugin(create: () => ObservabilityPlugin): Promise<readonly PluginCheck[]> {
  const checks: PluginCheck[] = [];
  const check = (promise: string, problem: string | undefined) =>
    checks.push(problem === undefined ? { promise, kept: true } : { promise, kept: false, detail: problem });

  const handlesBefore = process.getActiveResourcesInfo().length;
  const plugin = create();
  check(
    'creating it starts nothing',
    process.getActiveResourcesInfo().length > handlesBefore ? 'a timer or handle is open' : undefined,
  );
  check(
    'it has a short lower-case name',
    /^[a-z][a-z0-9-]{0,31}$/.test(plugin.name) ? undefined : `its name is '${plugin.name}'`,
  );
  check('two of them are two objects', create() === plugin ? 'the same object came twice' : undefined);

  for (const round of ['it sets up', 'it sets up again after shutdown']) {
    const captured = captureObservability({ plugins: [plugin] });
    const failure = () => captured.logLines.find((line) => line.code === 'OBS_PLUGIN_SETUP_FAILED')?.message;
    check(round, failure());
    if (captured.observability.plugins.includes(plugin.name)) {
      captured.observability.setPluginEnabled(plugin.name, false);
      captured.observability.setPluginEnabled(plugin.name, true);
      check(`it is switched off and on again (${round})`, failure());
    }
    const unnamed = [...(await captured.metrics()).matchAll(/^# TYPE (\S+)/gm)]
      .map((match) => match[1] ?? '')
      .filter((name) => !/^[a-z][a-z0-9_]*$/.test(name));
    check(
      `its metrics have Prometheus names (${round})`,
      unnamed.length > 0 ? `these do not: ${unnamed.join(', ')}` : undefined,
    );
    let problem: string | undefined;
    await captured.stop().catch((error: unknown) => {
      problem = String(error);
    });
    check(`it shuts down (${round})`, problem);
  }
  return checks;
}
