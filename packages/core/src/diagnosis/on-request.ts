import { errorReason, propertyOf, shownValue } from '../model/foreign-error.js';
import { help } from '../model/pages.js';
import type { ProcessKind } from '../model/process-kind.js';
import type { DiagnosedParts } from './diagnose.js';
import type { Diagnose, DiagnoseOptions, Diagnosis } from './diagnosis.js';
import { emptyDiagnosis } from './empty-diagnosis.js';

const optionNames = ['contact', 'testLine', 'timeoutMillis'] as const satisfies (keyof DiagnoseOptions)[];

/** `diagnose()` of an instance. Its code is loaded on the first call. Concurrent calls with the same options share one result. */
export function diagnoseOnRequest(parts: DiagnosedParts): Diagnose {
  const running = new Map<string, Promise<Diagnosis>>();
  return async (options) => {
    // A copy of what could be read.
    const given: DiagnoseOptions = Object.fromEntries(
      optionNames.map((name) => [name, propertyOf(options, name)]),
    );
    const key = Object.values(given).map(shownValue).join(' ');
    let diagnosis = running.get(key);
    if (!diagnosis) {
      diagnosis = import('./diagnose.js')
        .then(({ diagnose }) => diagnose(parts, given))
        .catch((error: unknown) => failed('on', error))
        .finally(() => running.delete(key));
      running.set(key, diagnosis);
    }
    return diagnosis;
  };
}

/** `diagnose()` where nothing runs. */
export function diagnoseInert(state: 'off' | 'not started', register?: ProcessKind): Diagnose {
  return async () => {
    try {
      return (await import('./diagnose.js')).inertDiagnosis(state, register);
    } catch (error) {
      return failed(state, error);
    }
  };
}

/** Does not use the catalogue, because the catalogue may be what could not be loaded. */
function failed(state: Diagnosis['throughline']['state'], error: unknown): Diagnosis {
  return emptyDiagnosis(state, [
    {
      code: 'OBS_DIAGNOSIS_FAILED',
      level: 'error',
      message: `The diagnosis failed: ${errorReason(error)}.`,
      cause: 'A file of @throughline/core is missing, or Throughline has a defect.',
      fix: 'In a bundled service, ship all files that the bundler writes, or leave @throughline/core out of the bundle.',
      help: help('OBS_DIAGNOSIS_FAILED'),
    },
  ]);
}
