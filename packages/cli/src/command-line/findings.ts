import type { FindingLevel } from '@throughline/core/internal';

/** Findings that only the command line reports. `docs/reference/findings.md` is generated from this catalogue. */
export const commandFindingCatalogue = {
  OBS_SENT_ELSEWHERE: {
    level: 'warning',
    message:
      'A service sends its telemetry to another address, so the page of `throughline dev` does not show it.',
    cause: 'The code of the service names an endpoint, which takes precedence over the environment.',
    fix: 'Leave the endpoint out of the options in the code, or set it from OTEL_EXPORTER_OTLP_ENDPOINT.',
  },
} as const satisfies Record<string, { level: FindingLevel; message: string; cause: string; fix: string }>;
