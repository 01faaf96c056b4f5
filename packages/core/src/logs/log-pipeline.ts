import type { BreachRecord } from '../contract/breach-record.js';
import type { Contract } from '../contract/contract.js';
import type { PostRequest } from '../export/blocking-send.js';
import type { ExportObserver } from '../export/counted-queue.js';
import { type ExportReporter, exportReporter, observeBoth, reportingEnd } from '../export/export-reporter.js';
import type { LogSink } from '../export/log-queue.js';
import type { OtlpPipeline } from '../export/otlp-pipeline.js';
import { createLoggerPipeline } from '../export/providers.js';
import type { Environment } from '../model/environment.js';
import { ObservabilityError } from '../model/errors.js';
import { shownValue } from '../model/foreign-error.js';
import { type Identity, identityLabelOf } from '../model/identity.js';
import type { LogLevel } from '../model/log-level.js';
import type { Part } from '../model/part.js';
import { checkLogLevel } from '../options/log-options.js';
import type { ResolvedOptions } from '../options/resolve.js';
import { checkChangeOptions, temporarySetting } from '../timing/temporary-setting.js';
import { type CorrelationSettings, setCorrelation } from './correlation.js';
import { createFileOutput, type FileOutput } from './file-destination.js';
import { createFloodControl } from './flood-control.js';
import { createJsonLine } from './json-line.js';
import { sdkLineMark } from './log-record.js';
import { outputBeforeInit, type ProcessLogger } from './logger.js';
import { otlpRecords } from './otlp-records.js';
import { requiredFieldsCheck } from './required-fields.js';
import { writeToStderr, writeToStdout } from './standard-streams.js';

export interface LogOutputs {
  readonly environment: Environment;
  /** Labels of the service, written on every JSON line. */
  readonly labels: Readonly<Record<string, string>>;
  /** In place of stdout, in tests. */
  readonly writeLine?: ((line: string) => void) | undefined;
}

const sdkLineWriters = { stderr: writeToStderr, stdout: writeToStdout };

/** Makes the service's logger write as the options say. */
export function configureLogger(
  serviceLogger: ProcessLogger,
  options: ResolvedOptions['logs'],
  { environment, labels, writeLine }: LogOutputs,
): void {
  const hasStdout = options.destinations.includes('stdout');
  serviceLogger.configure({
    level: options.level,
    format: options.format ?? (process.stdout.isTTY ? 'pretty' : 'json'),
    colour: process.stdout.isTTY === true && !environment.NO_COLOR,
    identity: labels,
    redact: options.redact,
    maxFieldLength: options.maxFieldLength,
    writeLine: hasStdout ? (writeLine ?? outputBeforeInit.writeLine) : undefined,
    writeSdkLine: hasStdout ? (writeLine ?? sdkLineWriters[options.sdkLines]) : undefined,
  });
}

/** Lines without a field that the contract requires are counted, and reported once per field. */
export function watchRequiredFields(
  serviceLogger: ProcessLogger,
  contract: Contract | undefined,
  record: BreachRecord,
): Part {
  const check = requiredFieldsCheck(
    contract?.logs?.requiredFields ?? [],
    Object.values(identityLabelOf),
    (field) =>
      record.happened({
        rule: 'log_field_required',
        subject: field,
        message: `a log line has no field '${field}'`,
      }),
  );
  return check ? { stop: serviceLogger.addDestination(check) } : {};
}

/** The destinations of log lines other than stdout. */
export interface LogExport extends Part {
  /** The lines come from the logger through this part; it ends before the export. */
  readonly destinations: Part;
  /** Everything that waits for the OTLP intake, for the moment in which Node ends the process. */
  takeForEnd(): PostRequest | undefined;
  hasFailed(): boolean;
  sayLoss(): void;
}

/** Lines also go to an OTLP intake and to files, if `destinations` lists them. */
export function exportLogs(
  serviceLogger: ProcessLogger,
  options: ResolvedOptions['logs'],
  identity: Identity,
  labels: Readonly<Record<string, string>>,
  observer: ExportObserver,
  report: (error: ObservabilityError) => void,
): LogExport {
  const removals: (() => void)[] = [];
  let otlp: (OtlpPipeline<LogSink> & Pick<ExportReporter, 'hasFailed' | 'sayLoss'>) | undefined;
  let copy: CorrelationSettings['copy'];
  if (options.destinations.includes('otlp')) {
    const reporter = exportReporter({ what: 'log records', target: options.endpoint, report });
    otlp = reportingEnd(createLoggerPipeline(options, identity, observeBoth(observer, reporter)), reporter);
    const emit = otlpRecords(otlp.provider);
    removals.push(serviceLogger.addDestination(emit));
    copy = (info) => emit(serviceLogger.recordOf(info));
  }
  const { correlateWith } = options;
  setCorrelation({
    identity: correlateWith.includes('identity') ? labels : undefined,
    levelAsWord: correlateWith.includes('level'),
    copy: correlateWith.includes('otlp') ? copy : undefined,
  });
  removals.push(() => setCorrelation(undefined));

  const files: FileOutput[] = [];
  let isStopped = false;
  const jsonLine = createJsonLine(labels);
  for (const destination of options.destinations) {
    if (typeof destination !== 'object') continue;
    const reporter = exportReporter({
      what: 'log lines',
      target: destination.file,
      report,
      failedCode: 'OBS_LOG_FILE_FAILED',
    });
    const lossLine = () => {
      const loss = reporter.takeLoss();
      if (!loss) return undefined;
      // By now this file no longer gets what is reported.
      if (isStopped) report(loss);
      const { message, code, fix, help } = loss;
      return jsonLine(
        serviceLogger.recordOf({ level: 'warn', message, code, fix, help, [sdkLineMark]: true }),
      );
    };
    const file = createFileOutput(destination, observeBoth(observer, reporter), lossLine);
    files.push(file);
    removals.push(serviceLogger.addDestination((record) => file.write(jsonLine(record))));
  }
  return {
    destinations: {
      stop() {
        isStopped = true;
        for (const remove of removals) remove();
      },
    },
    flush: () => Promise.all([otlp?.flush(), ...files.map((file) => file.flush())]),
    hurry: (longestMillis) => otlp?.hurry(longestMillis),
    stop: () => Promise.all([otlp?.stop(), ...files.map((file) => file.close())]),
    abandon: () => otlp?.abandon(),
    takeForEnd: () => otlp?.takeForEnd(),
    hasFailed: () => otlp?.hasFailed() ?? false,
    sayLoss: () => otlp?.sayLoss(),
  };
}

/** Flood control, if one of its limits is set. */
export function limitLogs(
  serviceLogger: ProcessLogger,
  { flood: limits }: ResolvedOptions['logs'],
  suppressed: (lines: number) => void,
) {
  if (limits.maxRepeats === undefined && limits.maxLinesPerSecond === undefined) return undefined;
  const flood = createFloodControl(
    limits,
    serviceLogger.deliver,
    ({ total, messages }) => {
      // Not through the gate: this line must not be held back itself.
      serviceLogger.deliver(
        serviceLogger.recordOf({
          level: 'warn',
          message: `${total} log lines were dropped by flood control.`,
          dropped: messages,
        }),
      );
    },
    suppressed,
  );
  serviceLogger.setGate(flood);
  return {
    traceFailed: flood.traceFailed,
    stop() {
      serviceLogger.setGate(undefined);
      flood.stop();
    },
  };
}

export interface LogLevelOptions {
  readonly forSeconds?: number;
  readonly logger?: string;
}

export type AdjustableLevel = ReturnType<typeof adjustableLevel>;

/** Changes the level while the service runs: of the service or of one child logger, temporarily or permanently, or by a signal. */
export function adjustableLevel(serviceLogger: ProcessLogger, options: ResolvedOptions['logs']) {
  const { logger } = serviceLogger;
  const service = temporarySetting<LogLevel>('level', checkLogLevel, options.level, (level) => {
    logger.level = level;
    logger.info(`Log level: ${level}.`, { [sdkLineMark]: true });
  });
  const children = new Map<string, ReturnType<typeof temporarySetting<LogLevel | undefined>>>();
  const childSetting = (name: string) => {
    let setting = children.get(name);
    if (!setting) {
      setting = temporarySetting<LogLevel | undefined>('level', checkLogLevel, undefined, (level) => {
        serviceLogger.setChildLevel(name, level);
        logger.info(`Log level of '${name}': ${level ?? 'same as the service'}.`, { [sdkLineMark]: true });
      });
      children.set(name, setting);
    }
    return setting;
  };

  const { debugSignal } = options;
  const onSignal = () => {
    if (logger.level === 'debug') service.set(options.level);
    else service.set('debug', { forSeconds: options.debugSignalSeconds });
  };
  if (debugSignal) process.on(debugSignal, onSignal);
  return {
    service,
    child: childSetting,
    set(level: LogLevel, options?: LogLevelOptions) {
      const { logger: name, ...rest } = checkChangeOptions(options, ['forSeconds', 'logger']);
      if (name !== undefined && typeof name !== 'string') {
        throw new ObservabilityError(
          'OBS_OPTION_INVALID',
          `logger takes the name of a child logger; it got ${shownValue(name)}.`,
        );
      }
      (name === undefined ? service : childSetting(name)).set(level, rest);
    },
    stop() {
      if (debugSignal) process.off(debugSignal, onSignal);
      service.stop();
      for (const [name, setting] of children) {
        setting.stop();
        serviceLogger.setChildLevel(name, undefined);
      }
    },
  };
}
