import { ObservabilityError } from '../model/errors.js';
import { copyOfFile, loadedFiles, type PackageCopy } from './loaded-packages.js';
import type { LoadWatch } from './module-load.js';

/** Packages whose copies do not share state: the metrics or spans of one copy are invisible to the other. */
export const singletons = {
  'prom-client': 'metrics that the service registers in the other copy are missing from /metrics',
  '@opentelemetry/api': 'spans and baggage of code that uses the other copy may be lost',
} as const;

/** Agents that patch the same modules. */
export const agents = [
  'dd-trace',
  '@sentry/node',
  '@opentelemetry/sdk-node',
  'newrelic',
  'elastic-apm-node',
  'applicationinsights',
  '@splunk/otel',
  '@instana/collector',
];

/**
 * Says once, with the fix, what would go wrong silently: a second copy of a package that must be one, and
 * another agent in the process, whether they are loaded already or later.
 */
export function watchForConflicts(watch: LoadWatch, report: (error: ObservabilityError) => void): void {
  for (const [name, consequence] of Object.entries(singletons)) {
    const copies = new Map<string, PackageCopy>();
    let said = false;
    const see = (file: string) => {
      const copy = copyOfFile(name, file);
      if (copy) copies.set(copy.folder, copy);
      if (said || copies.size < 2) return;
      said = true;
      const places = [...copies.values()].map(({ folder, version }) => `${version ?? '?'} in ${folder}`);
      report(
        new ObservabilityError(
          'OBS_DUPLICATE_PACKAGE',
          `Two copies of ${name} are loaded (${places.join('; ')}): ${consequence}.`,
          {
            fix: `Run \`npm ls ${name}\` to see which packages bring the two copies. Align the versions and run \`npm dedupe\`.`,
          },
        ),
      );
    };
    for (const [file] of loadedFiles(name)) see(file);
    watch.watch(name, (_module, file) => see(file));
  }

  const sayAgent = onceEach((name) =>
    report(
      new ObservabilityError(
        'OBS_OTHER_AGENT',
        `${name} is also loaded in this process. Requests are traced twice, at twice the cost.`,
        {
          fix: `Remove ${name}. To compare the two, switch one of them off (OTEL_SDK_DISABLED=true switches off Throughline).`,
        },
      ),
    ),
  );
  for (const name of agents) {
    if (loadedFiles(name).length > 0) sayAgent(name);
    else watch.watch(name, () => sayAgent(name));
  }
}

function onceEach(say: (name: string) => void): (name: string) => void {
  const said = new Set<string>();
  return (name) => {
    if (said.has(name)) return;
    said.add(name);
    say(name);
  };
}
