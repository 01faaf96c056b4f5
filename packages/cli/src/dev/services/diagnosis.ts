import type { Diagnosis } from '@throughline/core';
import { help } from '@throughline/core/internal';
import { commandFindingCatalogue } from '../../command-line/findings.js';
import type { Finding } from '../model/api.js';

const timeoutMillis = 30_000;

/**
 * Asks a service for its diagnosis, as `throughline doctor --attach` does.
 *
 * @returns what is wrong; undefined if the service gives no diagnosis
 */
export async function diagnosisFindings(
  metricsUrl: string,
  { token, endpoint, signal }: { token: string; endpoint: string; signal: AbortSignal },
): Promise<Finding[] | undefined> {
  let diagnosis: Diagnosis;
  try {
    const response = await fetch(new URL('/observability/doctor', metricsUrl), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ testLine: false }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMillis)]),
    });
    if (!response.ok) return undefined;
    diagnosis = (await response.json()) as Diagnosis;
  } catch {
    return undefined;
  }
  const serviceName = diagnosis.identity.service_name ?? 'unknown_service';
  return [
    ...diagnosis.findings
      .filter(({ level }) => level !== 'info')
      .map(
        ({ level, code, message, fix }): Finding => ({
          ...{ serviceName, level, code, message, fix },
          // An older version of core may not say it.
          help: help(code),
        }),
      ),
    ...sentElsewhere(serviceName, diagnosis, endpoint),
  ];
}

/** An address in the code of a service wins over the environment, so its telemetry does not come here. */
function sentElsewhere(serviceName: string, { backends }: Diagnosis, endpoint: string): Finding[] {
  const code = 'OBS_SENT_ELSEWHERE';
  const here = new URL(endpoint).port;
  return backends
    .filter(({ endpoint: other }) => URL.canParse(other) && new URL(other).port !== here)
    .map(({ signal, endpoint: other }) => ({
      serviceName,
      level: commandFindingCatalogue[code].level,
      code,
      message: `${serviceName} sends its ${signal} to ${other}, so this page does not show them.`,
      fix: `Leave the endpoint out of the options in the code, or set it from OTEL_EXPORTER_OTLP_ENDPOINT (here ${endpoint}).`,
      help: help(code),
    }));
}
