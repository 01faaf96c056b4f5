import type { Observability } from '../observability.js';
import type { DiagnosedParts } from './diagnose.js';
import type { Diagnosis } from './diagnosis.js';

/** `diagnose()` of an instance. Its code is loaded when somebody asks; two who ask at once get the same answer. */
export function diagnoseOnRequest(parts: DiagnosedParts): Observability['diagnose'] {
  const running = new Map<string, Promise<Diagnosis>>();
  return (options = {}) => {
    const key = JSON.stringify(options);
    let diagnosis = running.get(key);
    if (!diagnosis) {
      diagnosis = import('./diagnose.js')
        .then(({ diagnose }) => diagnose(parts, options))
        .finally(() => running.delete(key));
      running.set(key, diagnosis);
    }
    return diagnosis;
  };
}

/** `diagnose()` where nothing runs. */
export function diagnoseInert(state: 'off' | 'not started'): Observability['diagnose'] {
  return async () => (await import('./diagnose.js')).inertDiagnosis(state);
}
