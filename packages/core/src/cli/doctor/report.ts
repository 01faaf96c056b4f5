import type { Diagnosis } from '../../diagnosis/diagnosis.js';
import { type Finding, sortedFindings } from '../../diagnosis/findings.js';

/** What `throughline doctor --json` prints: the diagnosis as far as there is one, and what the command added. */
export interface DoctorReport extends Partial<Omit<Diagnosis, 'ok' | 'findings'>> {
  readonly ok: boolean;
  /** What was examined: a folder, a command that was started, or a running service. */
  readonly mode: 'folder' | 'command' | 'attach';
  readonly subject: string;
  readonly findings: readonly Finding[];
  /** The answer to a scrape, for the check against a contract. */
  readonly metrics?: string | undefined;
}

export function withFindings(report: DoctorReport, further: readonly Finding[]): DoctorReport {
  const findings = sortedFindings([...report.findings, ...further]);
  return { ...report, findings, ok: !findings.some(({ level }) => level === 'error') };
}
