import { openMetricsContentType } from '@throughline/core/internal';
import {
  type Command,
  type CommandIo,
  commandInvalid,
  exitCodes,
  parseOptions,
} from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { parseHeaders } from '../command-line/headers.js';
import { readText } from '../command-line/read-text.js';
import { loadContract } from '../contract/contract-module.js';
import { countedBreaches, expositionBreaches } from '../contract/exposition-breaches.js';
import { parseExposition } from '../metrics/parse-exposition.js';

const timeoutMillis = 10_000;

const usage = `throughline check --contract <module> --metrics <source> [options]

Checks whether the metrics of a running service meet a contract.

Options
  --contract <module>   file or installed package that exports a contract, as default or as \`contract\`
  --metrics <source>    URL, file, or - for stdin; in the text format 0.0.4 or OpenMetrics
  --header <header>     header of the request, for example 'Authorization: Bearer …'; can be repeated
  --json                print the result as one JSON object
  --help

Example
  throughline check --contract ./contract.js --metrics http://localhost:9464/metrics

Exit codes
  0  the metrics meet the contract
  1  the metrics break the contract; each breach is listed
  2  nothing was checked`;

const check: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      contract: { type: 'string' },
      metrics: { type: 'string' },
      header: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw commandInvalid(`check takes no argument '${positionals[0]}'`);
    if (values.contract === undefined) throw commandInvalid('check needs --contract <module>');
    if (values.metrics === undefined) throw commandInvalid('check needs --metrics <source>');
    const contract = await loadContract(values.contract, io.folder);
    const headers = { accept: `${openMetricsContentType}, text/plain;q=0.5`, ...parseHeaders(values.header) };
    const metrics = parseExposition(await readText(values.metrics, io, { headers, timeoutMillis }));
    const seriesCount = metrics.reduce((sum, { samples }) => sum + samples.length, 0);
    if (seriesCount === 0) {
      throw new CommandError('OBS_EXPOSITION_INVALID', `${values.metrics} has no samples.`);
    }
    const breaches = expositionBreaches(contract, metrics);
    const counted = countedBreaches(metrics);
    if (values.json) {
      const counts = { metrics: metrics.length, series: seriesCount };
      io.out(JSON.stringify({ ok: breaches.length === 0, ...counts, breaches, counted }, null, 2));
    } else {
      print(io, breaches, `${metrics.length} metrics, ${seriesCount} series`);
      printCounted(io, counted);
    }
    return breaches.length === 0 ? exitCodes.ok : exitCodes.found;
  },
};
export default check;

function print(io: CommandIo, breaches: ReturnType<typeof expositionBreaches>, checked: string): void {
  const width = Math.max(0, ...breaches.map(({ rule }) => rule.length));
  for (const { rule, message } of breaches) {
    io.out(`${io.style('red', '✗')} ${rule.padEnd(width)}  ${message}`);
  }
  io.out(
    breaches.length === 0
      ? `${io.style('green', '✓')} The metrics meet the contract (${checked}).`
      : `${breaches.length} ${breaches.length === 1 ? 'breach' : 'breaches'} of the contract (${checked}).`,
  );
}

/** Information only: a label that the service has dropped did not reach Prometheus, so the check does not fail. */
function printCounted(io: CommandIo, counted: ReturnType<typeof countedBreaches>): void {
  const list = Object.entries(counted).map(([rule, count]) => `${rule} ${count}`);
  if (list.length === 0) return;
  io.out(
    `The service has counted further breaches: ${list.join(', ')}. Its log lists them (OBS_CONTRACT_BREACHED).`,
  );
}
