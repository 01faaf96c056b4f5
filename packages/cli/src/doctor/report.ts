import type { Diagnosis } from '@throughline/core';
import { type DiagnosisFinding, sortedFindings } from '@throughline/core/internal';

/** What `throughline doctor --json` prints: the service's diagnosis, if there is one, and what the command has added. */
export interface DoctorReport extends Partial<Omit<Diagnosis, 'ok' | 'findings'>> {
  readonly ok: boolean;
  /** What was examined: a folder, a command that was started, or a running service. */
  readonly mode: 'folder' | 'command' | 'attach';
  readonly subject: string;
  readonly findings: readonly DiagnosisFinding[];
  /** The answer to a scrape, for the check against a contract. */
  readonly metrics?: string | undefined;
}

export function withFindings(report: DoctorReport, further: readonly DiagnosisFinding[]): DoctorReport {
  const findings = sortedFindings([...report.findings, ...further]);
  return { ...report, findings, ok: !findings.some(({ level }) => level === 'error') };
}
