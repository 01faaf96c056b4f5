import { ObservabilityError } from '../model/errors.js';
import { loadedFiles } from './loaded-packages.js';
import type { LoadWatch } from './module-load.js';

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

/** Agents that are detected by what they register with the OpenTelemetry API. That they are loaded does not mean that they run. */
const toldByRegistration = ['@opentelemetry/sdk-node'];

/** Says once, with the fix, that another agent is in the process, whether it is loaded already or later. */
export function watchForConflicts(watch: LoadWatch, report: (error: ObservabilityError) => void): void {
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
    if (toldByRegistration.includes(name)) continue;
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
