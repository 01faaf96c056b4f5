import { contractBreached } from '../contract/start-check.js';
import { type Finding, findingOfError } from '../diagnosis/findings.js';
import { parseExposition } from '../metrics/parse-exposition.js';
import { readEnvironment } from '../model/environment.js';
import { type Command, commandInvalid, exitCodes, parseOptions } from './command.js';
import { loadContract } from './contract-module.js';
import { printReport } from './doctor/print.js';
import { looksForLine, readBack } from './doctor/read-back.js';
import { type DoctorReport, withFindings } from './doctor/report.js';
import { examineRunningService } from './doctor/running-service.js';
import { examineFolder } from './doctor/service-folder.js';
import { examineStartedService } from './doctor/started-service.js';
import { expositionBreaches } from './exposition-breaches.js';
import { parseHeaders } from './headers.js';

const defaultWaitSeconds = 30;
const defaultLimitSeconds = 30;

const usage = `throughline doctor [options] [-- <command>]

Finds out whether telemetry works, and says what to do where it does not.

  throughline doctor -- node server.js              starts the service, examines it, and stops it
  throughline doctor --attach http://localhost:9464 examines a running one; with its THROUGHLINE_CONTROL_TOKEN
                                                    in the environment as thoroughly as one that it starts
  throughline doctor                                looks at the folder only: what is installed, what is set

A service that is examined sends one test span, and one log record where it sends logs, to its backend.

Options
  --attach <url>        the metrics server of a running service
  --wait <seconds>      how long the service may take to be up; default: ${defaultWaitSeconds}
  --tempo <url>         looks for the test span in Tempo
  --jaeger <url>        looks for the test span in Jaeger
  --loki <url>          writes a test line, and looks for it in Loki
  --victorialogs <url>  writes a test line, and looks for it in VictoriaLogs
  --limit <seconds>     how long to look there; default: ${defaultLimitSeconds}
  --query-header <h>    sent with these queries, for example 'X-Scope-OrgID: shop'; can be repeated
  --contract <module>   checks identity and metrics against this contract too
  --header <header>     sent to the metrics of --attach, for example 'Authorization: Bearer …'; can be repeated
  --options             shows all options, not only those that are set
  --strict              warnings count as errors
  --json                the result as one JSON object
  --help

Exit codes
  0  nothing is wrong
  1  something is wrong; each finding has a code, a cause, a fix and a page
  2  called wrongly, or there was nothing to examine`;

const doctor: Command = {
  name: 'doctor',
  summary: 'Finds out whether telemetry works, and what to do where it does not.',
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
        `doctor takes the command of the service behind --: throughline doctor -- ${positionals.join(' ')}`,
      );
    }
    if (command?.length === 0) throw commandInvalid('There is no command behind --');
    if (command && values.attach !== undefined) {
      throw commandInvalid('doctor takes --attach or a command behind --, not both');
    }
    const isFolder = command === undefined && values.attach === undefined;
    for (const name of ['contract', 'tempo', 'jaeger', 'loki', 'victorialogs', 'wait'] as const) {
      if (isFolder && values[name] !== undefined) {
        throw commandInvalid(`--${name} needs a service: --attach <url>, or a command behind --`);
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

const isWorseThanInfo = ({ level }: Finding) => level !== 'info';

function secondsOf(flag: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const seconds = Number(text);
  if (text.trim() === '' || !(seconds > 0 && seconds <= 3_600)) {
    throw commandInvalid(`${flag} takes seconds, above 0 and at most 3600`);
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
