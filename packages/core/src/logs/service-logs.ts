import type { BreachRecord } from '../contract/breach-record.js';
import type { Contract } from '../contract/contract.js';
import type { Environment } from '../environment.js';
import type { ObservabilityError } from '../errors.js';
import { type Identity, identityLabelOf } from '../identity.js';
import type { ExportObserver } from '../lifecycle/counted-queue.js';
import { exportReporter, observeBoth } from '../lifecycle/export-reporter.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { createLoggerPipeline } from '../providers.js';
import { version } from '../version.js';
import { outputBeforeInit, type ServiceLogger } from './logger.js';
import { OtlpTransport } from './otlp-transport.js';
import { requiredFieldsCheck } from './required-fields.js';

export interface LogOutputs {
  readonly environment: Environment;
  /** Labels of the service, written on every JSON line. */
  readonly labels: Readonly<Record<string, string>>;
  /** In place of stdout, in tests. */
  readonly writeLine?: ((line: string) => void) | undefined;
}

/** From here on the service's logger writes as the options say. */
export function configureLogger(
  serviceLogger: ServiceLogger,
  options: ResolvedOptions['logs'],
  { environment, labels, writeLine }: LogOutputs,
): void {
  serviceLogger.configure({
    level: options.level,
    format: options.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    colour: process.stdout.isTTY === true && !environment.NO_COLOR,
    identity: labels,
    writeLine: options.destinations.includes('stdout')
      ? (writeLine ?? outputBeforeInit.writeLine)
      : undefined,
  });
}

/** Lines without a field that the contract wants are counted, and said once per field. */
export function watchRequiredFields(
  serviceLogger: ServiceLogger,
  contract: Contract | undefined,
  record: BreachRecord,
): void {
  serviceLogger.watch(
    requiredFieldsCheck(contract?.logs?.requiredFields ?? [], Object.values(identityLabelOf), (field) =>
      record.happened({
        rule: 'log_field_required',
        subject: field,
        message: `a log line has no '${field}'`,
      }),
    ),
  );
}

/** What carries log lines away beside stdout; flushed and shut down with the service. */
export interface LogExport {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
  /** The process is ending: what cannot be sent now is not tried again. */
  stopRetrying(): void;
  /** Takes it off the logger. */
  remove(): void;
}

/** Lines also go to an OTLP intake, where `destinations` says so. */
export function exportLogs(
  serviceLogger: ServiceLogger,
  options: ResolvedOptions['logs'],
  identity: Identity,
  observer: ExportObserver,
  report: (error: ObservabilityError) => void,
): LogExport | undefined {
  if (!options.destinations.includes('otlp')) return undefined;
  const pipeline = createLoggerPipeline(
    options,
    identity,
    observeBoth(observer, exportReporter('log records', options.endpoint, report)),
  );
  const transport = new OtlpTransport(
    pipeline.provider.getLogger('@throughline/core', version),
    serviceLogger.recordOf,
  );
  serviceLogger.logger.add(transport);
  return {
    forceFlush: () => pipeline.forceFlush(),
    shutdown: () => pipeline.shutdown(),
    stopRetrying: () => pipeline.stopRetrying(),
    remove: () => serviceLogger.logger.remove(transport),
  };
}
