import type { ChildProcess } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type DiagnosisFinding,
  type ErrorCode,
  errorCatalogue,
  finding,
  findingOfError,
} from '@throughline/core/internal';
import { signalProgram, startProgram } from '../command-line/child-program.js';
import { CommandError } from '../command-line/errors.js';
import type { ProbeReport, ProbeSettings } from './probe-report.js';
import { type DoctorReport, withFindings } from './report.js';
import { installedCoreVersion, notInstalled } from './service-folder.js';

const lookIntervalMillis = 100;
/** Time for the diagnosis, once the service is up. */
const diagnosisMillis = 20_000;
const stopMillis = 5_000;
const shsdkLines = 15;

export interface ServiceToStart {
  readonly command: readonly string[];
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly waitMillis: number;
  readonly testLine: boolean;
}

/** Starts the service, waits until it is up, asks for its diagnosis, and stops it. */
export async function examineStartedService(service: ServiceToStart): Promise<DoctorReport> {
  const reports = await mkdtemp(join(tmpdir(), 'throughline-doctor-'));
  const started = start(service, reports);
  const killOnExit = () => {
    signalProgram(started.child, 'SIGKILL');
    rmSync(reports, { recursive: true, force: true });
  };
  process.once('exit', killOnExit);
  const interrupted = () => {
    process.exitCode = 130;
    process.exit();
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    const found = await firstAnswer(started, reports, service.waitMillis);
    const end = started.end();
    await stop(started);
    return reportOf(service, found, { end, lines: started.lines });
  } finally {
    process.off('exit', killOnExit).off('SIGINT', interrupted).off('SIGTERM', interrupted);
    await rm(reports, { recursive: true, force: true });
  }
}

interface ServiceProcess {
  readonly child: ChildProcess;
  /** The last lines of its output. */
  readonly lines: string[];
  readonly ended: Promise<void>;
  end(): ProcessEnd | undefined;
}

interface ProcessEnd {
  readonly error?: Error;
  readonly reason: string;
  readonly failed: boolean;
}

/** How the service ended before it was stopped, if it did. */
interface Ending {
  readonly end: ProcessEnd | undefined;
  readonly lines: readonly string[];
}

function start(
  { command, folder, environment, waitMillis, testLine }: ServiceToStart,
  reports: string,
): ServiceProcess {
  const settings: ProbeSettings = { folder: reports, waitMillis, testLine };
  const probe = fileURLToPath(new URL('./probe.cjs', import.meta.url));
  const child = startProgram({
    command,
    folder,
    environment: {
      ...environment,
      NODE_OPTIONS: `${environment.NODE_OPTIONS ?? ''} --require ${JSON.stringify(probe)}`.trim(),
      THROUGHLINE_DOCTOR: JSON.stringify(settings),
    },
  });
  const lines: string[] = [];
  const keep = (chunk: string) => {
    lines.push(...chunk.split('\n').filter((line) => line.trim() !== ''));
    lines.splice(0, lines.length - shsdkLines);
  };
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  let end: ProcessEnd | undefined;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      end = { error, reason: error.message, failed: true };
      resolve();
    });
    child.once('close', (code, signalName) => {
      end ??= { reason: signalName ?? `exit code ${code}`, failed: code !== 0 };
      resolve();
    });
  });
  return { child, lines, ended, end: () => end };
}

/** Waits for the first process with a useful report, and returns the reports of all processes. */
async function firstAnswer(
  started: ServiceProcess,
  reports: string,
  waitMillis: number,
): Promise<ProbeReport[]> {
  const deadline = performance.now() + waitMillis + diagnosisMillis;
  const listeningDeadline = performance.now() + waitMillis;
  for (;;) {
    const found = await readReports(reports);
    const isAnswered = found.some(({ outcome }) => outcome.kind === 'diagnosed' || outcome.kind === 'failed');
    if (isAnswered || started.end() || performance.now() > deadline) return readReports(reports);
    const isElsewhere = found.some(({ outcome }) => outcome.kind === 'not started');
    const isHopeless = found.some(({ outcome }) => outcome.kind === 'not started' && outcome.isListening);
    if (isHopeless || (isElsewhere && performance.now() > listeningDeadline + 1_000)) return found;
    await Promise.race([started.ended, new Promise((resolve) => setTimeout(resolve, lookIntervalMillis))]);
  }
}

async function readReports(folder: string): Promise<ProbeReport[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json')).sort();
  return Promise.all(files.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))));
}

async function stop({ child, ended, end }: ServiceProcess): Promise<void> {
  if (end()) return;
  signalProgram(child, 'SIGTERM');
  const timer = setTimeout(() => signalProgram(child, 'SIGKILL'), stopMillis);
  await ended;
  clearTimeout(timer);
}

function reportOf(service: ServiceToStart, found: readonly ProbeReport[], ending: Ending): DoctorReport {
  const subject = service.command.join(' ');
  const bare: DoctorReport = { ok: true, mode: 'command', subject, findings: [] };
  const diagnosed = found.flatMap(({ outcome }) => (outcome.kind === 'diagnosed' ? [outcome] : []));
  const failures = found.flatMap(({ outcome }) =>
    outcome.kind === 'failed' ? [failureFinding(outcome.error)] : [],
  );
  const [first] = diagnosed;
  if (first) {
    const { diagnosis, isUp, metrics } = first;
    const late = isUp
      ? []
      : [finding('OBS_SERVICE_LATE', `The service was not up after ${service.waitMillis / 1_000} s.`)];
    return withFindings({ ...bare, ...diagnosis, metrics }, [
      ...diagnosed.slice(1).flatMap(({ diagnosis: further }) => further.findings),
      ...failures,
      ...late,
    ]);
  }
  if (failures.length > 0) return withFindings(bare, failures);
  return withFindings(bare, [unstarted(service, found, ending)]);
}

/** The finding when no process has reported a diagnosis. */
function unstarted(service: ServiceToStart, found: readonly ProbeReport[], ending: Ending): DiagnosisFinding {
  const { end, lines } = ending;
  if ((end?.error as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') {
    throw new CommandError(
      'OBS_COMMAND_INPUT',
      `'${service.command[0]}' could not be started: there is no such program.`,
    );
  }
  const wasStarted = found.some(({ outcome }) => outcome.kind === 'ended' && outcome.wasStarted);
  if (end && (end.failed || wasStarted)) {
    const last = lines.map((line) => `  ${line.slice(0, 300)}`).join('\n');
    return finding(
      'OBS_SERVICE_ENDED',
      `The service ended (${end.reason}) before it was up.${last === '' ? '' : ` Its last lines:\n${last}`}`,
    );
  }
  const tools = launchersAlone(found);
  if (tools) {
    return finding(
      'OBS_ONLY_LAUNCHERS',
      `\`${service.command.join(' ')}\` ran only ${tools.join(', ')}, and no process that serves was seen: nothing is recorded.`,
    );
  }
  const folders = [service.folder, ...found.flatMap((each) => (each.script ? [dirname(each.script)] : []))];
  if (folders.every((folder) => installedCoreVersion(folder) === undefined))
    return notInstalled(service.folder);
  const script = found.find(({ outcome }) => outcome.kind === 'not started' && outcome.isListening)?.script;
  return finding(
    'OBS_NOT_STARTED',
    `${script ?? `\`${service.command.join(' ')}\``} did not start Throughline: nothing is recorded.`,
    found.length > 0
      ? {}
      : {
          cause: 'The command started no Node process, or one without the NODE_OPTIONS of its environment.',
          fix: 'Use the command that starts Node directly: `throughline doctor -- node server.js`.',
        },
  );
}

/** The programs that the `register` entry stayed out of, if it was loaded and these were all processes. */
function launchersAlone(found: readonly ProbeReport[]): readonly string[] | undefined {
  const isTool = ({ register }: ProbeReport) => register !== undefined && register.role !== 'service';
  if (found.length === 0 || !found.every(isTool)) return undefined;
  return [...new Set(found.map(({ register }) => register?.program ?? 'node -e'))];
}

function failureFinding({
  code,
  message,
  fix,
}: {
  code?: unknown;
  message: string;
  fix?: unknown;
}): DiagnosisFinding {
  const isKnown = typeof code === 'string' && Object.hasOwn(errorCatalogue, code);
  return isKnown
    ? findingOfError({ code: code as ErrorCode, message, fix: String(fix ?? '') }, 'error')
    : finding('OBS_NOT_STARTED', `initObservability failed: ${message}`);
}
