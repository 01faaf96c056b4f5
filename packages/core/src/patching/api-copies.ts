import { type TracerProvider, trace } from '@opentelemetry/api';
import { ObservabilityError } from '../model/errors.js';
import { copyOfFile, loadedFiles } from './loaded-packages.js';
import type { LoadWatch } from './module-load.js';

const packageName = '@opentelemetry/api';

/** Where all copies of the API 1.x in a process meet. https://github.com/open-telemetry/opentelemetry-js */
const meetingPlace = Symbol.for('opentelemetry.js.api.1');
const holder = globalThis as {
  [meetingPlace]?: { readonly version: string } & Partial<Record<(typeof registrations)[number], unknown>>;
};
const registrations = ['trace', 'context', 'propagation', 'metrics', 'logs'] as const;

/**
 * Makes the copies of the OpenTelemetry API that a process has work as one, those that are loaded already and those
 * that come. An API does not accept what an older one has registered, although it could use it; and a tracer that a
 * module gets before `initObservability` learns only from its own copy that there is a provider now.
 *
 * @param provider the tracer provider, if it is the registered one
 */
export function joinApiCopies(
  provider: TracerProvider | undefined,
  watch: LoadWatch,
  report: (error: ObservabilityError) => void,
): void {
  let said = false;
  const join = (file: string, moduleExports: unknown) => {
    const copy = copyOfFile(packageName, file);
    if (!copy || file !== copy.mainFile) return;
    const version = copy.version ?? '';
    if (isOlder(version, [1, 9]) || !version.startsWith('1.')) {
      if (said) return;
      said = true;
      report(
        new ObservabilityError(
          'OBS_PACKAGE_TOO_OLD',
          `${packageName} ${version} in ${copy.folder} is loaded; spans of code that uses it may be missing.`,
          {
            fix: `Install ${packageName} 1.9 or newer: \`npm ls ${packageName}\` shows who holds the old one.`,
          },
        ),
      );
    }
    raiseVersion(version);
    if (provider) delegate(moduleExports, provider);
  };
  for (const [file, module] of loadedFiles(packageName)) join(file, module.exports);
  watch.watch(packageName, (module, file) => join(file, module.exports));
}

/** Called before anything is registered, so that what another SDK has registered through another copy of the API is visible here. */
export function meetOtherCopies(): void {
  const place = holder[meetingPlace];
  if (!place) return;
  const isTaken = registrations.some((name) => place[name] !== undefined);
  // One that is empty takes nothing from a copy of another version.
  if (!isTaken) delete holder[meetingPlace];
  else
    for (const [file] of loadedFiles(packageName)) raiseVersion(copyOfFile(packageName, file)?.version ?? '');
}

/** Sets the version of the shared object to that of the newest copy, so that all copies accept it. */
function raiseVersion(version: string): void {
  const place = holder[meetingPlace];
  if (!place || !version.startsWith('1.') || !isOlder(place.version, numbersOf(version))) return;
  // The version of an object that is there cannot be changed, in API 1.10.
  holder[meetingPlace] = { ...place, version };
}

function delegate(moduleExports: unknown, provider: TracerProvider): void {
  const theirs = (moduleExports as { trace?: typeof trace } | undefined)?.trace;
  if (!theirs || theirs === trace) return;
  const proxy: unknown = Reflect.get(theirs, '_proxyTracerProvider');
  if (typeof proxy !== 'object' || proxy === null || !('setDelegate' in proxy)) return;
  if (typeof proxy.setDelegate === 'function') proxy.setDelegate(provider);
}

function numbersOf(version: string): number[] {
  return version.split('.', 3).map((part) => Number.parseInt(part, 10) || 0);
}

function isOlder(version: string, than: readonly number[]): boolean {
  const numbers = numbersOf(version);
  for (const [index, other] of than.entries()) {
    const number = numbers[index] ?? 0;
    if (number !== other) return number < other;
  }
  return false;
}
