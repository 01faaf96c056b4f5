import type { Diagnosis } from '../diagnosis/diagnosis.js';
import { initIn } from '../instance/entry.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';

/** What the plugins would record, from a start that sends and serves nothing and writes no line. */
export async function recordsOf(plugins: readonly ObservabilityPlugin[]): Promise<Diagnosis['plugins']> {
  const observability = initIn(
    { environment: {}, servicePackage: {}, writeLine: () => {} },
    {
      plugins: [...plugins],
      traces: { exporter: 'none' },
      metrics: { endpoint: false, runtime: false, cluster: false },
      logs: { format: 'json', crashes: false, correlate: [] },
      shutdown: { handleSignals: false },
    },
  );
  try {
    return (await observability.diagnose({ contact: false })).plugins;
  } finally {
    await observability.shutdown();
  }
}
