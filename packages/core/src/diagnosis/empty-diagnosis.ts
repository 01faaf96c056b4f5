import { version } from '../model/version.js';
import { bundledPackages } from './bundle-versions.js';
import type { Diagnosis } from './diagnosis.js';
import type { DiagnosisFinding } from './findings.js';

/** A diagnosis that has nothing but findings. */
export function emptyDiagnosis(
  state: Diagnosis['throughline']['state'],
  findings: readonly DiagnosisFinding[],
): Diagnosis {
  const { versions, platform, arch, pid, argv } = process;
  return {
    ok: !findings.some(({ level }) => level === 'error'),
    takenAt: new Date().toISOString(),
    throughline: { version, state, bundled: bundledPackages },
    node: { version: versions.node, platform: `${platform} ${arch}`, pid, script: argv[1] },
    configFile: undefined,
    identity: {},
    plugins: [],
    packages: [],
    libraries: [],
    options: [],
    contract: undefined,
    backends: [],
    scrape: undefined,
    sent: { spans: {}, logRecords: {} },
    testTraceId: undefined,
    findings,
  };
}
