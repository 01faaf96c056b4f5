import {
  contractBreached,
  type DiagnosisFinding,
  findingOfError,
  readEnvironment,
} from '@throughline/core/internal';
import { type Command, commandInvalid, exitCodes, parseOptions } from '../command-line/command.js';
import { parseHeaders } from '../command-line/headers.js';
import { loadContract } from '../contract/contract-module.js';
import { expositionBreaches } from '../contract/exposition-breaches.js';
import { parseExposition } from '../metrics/parse-exposition.js';
import { printReport } from './print.js';
import { looksForLine, readBack } from './read-back.js';
import { type DoctorReport, withFindings } from './report.js';
import { examineRunningService } from './running-service.js';
import { examineFolder } from './service-folder.js';
import { examineStartedService } from './started-service.js';

const defaultWaitSeconds = 30;
const defaultLimitSeconds = 30;

const usage = `throughline doctor [options] [-- <command>]

Checks whether the telemetry of a service works, and says how to fix what does not.

  throughline doctor -- node server.js              starts the service, examines it, and stops it
  throughline doctor --attach http://localhost:9464 examines a running service; set THROUGHLINE_CONTROL_TOKEN
                                                    to its token for the full diagnosis
  throughline doctor                                examines this folder only: installed packages and options

During the examination the service sends one test span to its backend, and one log record if it sends logs by OTLP.

Options
  --attach <url>        the metrics server of a running service
  --wait <seconds>      how long to wait until the service is up; default: ${defaultWaitSeconds}
  --tempo <url>         look for the test span in Tempo
  --jaeger <url>        look for the test span in Jaeger
  --loki <url>          write a test line, and look for it in Loki
  --victorialogs <url>  write a test line, and look for it in VictoriaLogs
  --limit <seconds>     how long to look in these backends; default: ${defaultLimitSeconds}
  --query-header <h>    header for these queries, for example 'X-Scope-OrgID: shop'; can be repeated
  --contract <module>   also check identity and metrics against this contract
  --header <header>     header for the metrics endpoint of --attach, for example 'Authorization: Bearer …'; can be repeated
  --options             show all options, not only those that are set
  --strict              treat warnings as errors
  --json                print the result as one JSON object
  --help

Exit codes
  0  no error found
  1  errors found; each has a code, a cause, a fix, and where it is explained
  2  wrong call, or there was nothing to examine`;

const doctor: Command = {
  usage,
  async run(args, io) {
    const end = args.indexOf('--');
    const command = end < 0 ? undefined : args.slice(end + 1);
    const { values, positionals } = parseOptions(end < 0 ? args : args.slice(0, end), {
      attach: { type: 'string' },
      wait: { type: 'string' },
      tempo: { type: 'string' },
      jaeger: { type: 'string' },
      loki: { type: 'string' },
      victorialogs: { type: 'string' },
      limit: { type: 'string' },
      'query-header': { type: 'string', multiple: true },
      contract: { type: 'string' },
      header: { type: 'string', multiple: true },
      options: { type: 'boolean' },
      strict: { type: 'boolean' },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) {
      throw commandInvalid(
        `Put the command of the service after --: throughline doctor -- ${positionals.join(' ')}`,
      );
    }
    if (command?.length === 0) throw commandInvalid('There is no command after --');
    if (command && values.attach !== undefined) {
      throw commandInvalid('Use --attach or a command after --, not both');
    }
    const isFolder = command === undefined && values.attach === undefined;
    for (const name of ['contract', 'tempo', 'jaeger', 'loki', 'victorialogs', 'wait'] as const) {
      if (isFolder && values[name] !== undefined) {
        throw commandInvalid(`--${name} needs a service: --attach <url>, or a command after --`);
      }
    }
    const waitMillis = secondsOf('--wait', values.wait, defaultWaitSeconds) * 1_000;
    const limitMillis = secondsOf('--limit', values.limit, defaultLimitSeconds) * 1_000;
    const headers = parseHeaders(values.header);
    const queryHeaders = parseHeaders(values['query-header'], '--query-header');
    const urls = {
      tempo: urlOf('--tempo', values.tempo),
      jaeger: urlOf('--jaeger', values.jaeger),
      loki: urlOf('--loki', values.loki),
      victoriaLogs: urlOf('--victorialogs', values.victorialogs),
    };
    const contract =
      values.contract === undefined ? undefined : await loadContract(values.contract, io.folder);
    const environment = readEnvironment();
    const testLine = looksForLine(urls);

    let report: DoctorReport;
    if (command) {
      if (!values.json) io.problem(io.style('dim', `Starting ${command.join(' ')} …`));
      report = await examineStartedService({
        ...{ command, folder: io.folder, environment, waitMillis, testLine },
      });
    } else if (values.attach !== undefined) {
      const token = environment.THROUGHLINE_CONTROL_TOKEN || undefined;
      report = await examineRunningService({ address: values.attach, headers, token, testLine });
    } else {
      report = await examineFolder(io.folder, environment);
    }
    if (contract && report.metrics !== undefined) {
      const breaches = expositionBreaches(contract, parseExposition(report.metrics));
      report = withFindings(report, breaches.length > 0 ? [findingOfError(contractBreached(breaches))] : []);
    }
    const { arrivals, findings } = await readBack(report, {
      ...{ urls, headers: queryHeaders, limitMillis },
    });
    report = withFindings(report, findings);

    const isFine = values.strict ? !report.findings.some(isWorseThanInfo) : report.ok;
    if (values.json) {
      const { metrics: _metrics, ...shown } = report;
      io.out(JSON.stringify({ ...shown, ok: isFine, arrivals }, null, 2));
    } else {
      printReport(io, report, { arrivals, allOptions: values.options === true, isFine });
    }
    return isFine ? exitCodes.ok : exitCodes.found;
  },
};
export default doctor;

const isWorseThanInfo = ({ level }: DiagnosisFinding) => level !== 'info';

function secondsOf(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds > 0 && seconds <= 3_600)) {
    throw commandInvalid(`${flag} takes a number of seconds above 0 and up to 3600`);
  }
  return seconds;
}

function urlOf(flag: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) {
    throw commandInvalid(`${flag} takes an http:// or https:// URL, not '${text}'`);
  }
  return text;
}
