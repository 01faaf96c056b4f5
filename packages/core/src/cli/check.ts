import { openMetricsContentType } from '../metrics/exposition.js';
import { parseExposition } from '../metrics/parse-exposition.js';
import { ObservabilityError } from '../model/errors.js';
import { type Command, type CommandIo, commandInvalid, exitCodes, parseOptions } from './command.js';
import { loadContract } from './contract-module.js';
import { countedBreaches, expositionBreaches } from './exposition-breaches.js';
import { parseHeaders } from './headers.js';
import { readText } from './read-text.js';

const timeoutMillis = 10_000;

const usage = `throughline check --contract <module> --metrics <source> [options]

Checks what a running service serves at /metrics against the contract of all services.

Options
  --contract <module>   file or installed package that exports a contract, as default or as \`contract\`
  --metrics <source>    URL, file, or - for stdin; text format 0.0.4 or OpenMetrics
  --header <header>     sent with the request, for example 'Authorization: Bearer …'; can be repeated
  --json                the result as one JSON object
  --help

Example
  throughline check --contract ./contract.js --metrics http://localhost:9464/metrics

Exit codes
  0  the metrics meet the contract
  1  they do not; each breach is listed
  2  nothing was checked`;

const check: Command = {
  name: 'check',
  summary: 'Checks the metrics of a running service against a contract.',
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      contract: { type: 'string' },
      metrics: { type: 'string' },
      header: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    });
    if (positionals.length > 0) throw commandInvalid(`check takes no '${positionals[0]}'`);
    if (values.contract === undefined) throw commandInvalid('check needs --contract <module>');
    if (values.metrics === undefined) throw commandInvalid('check needs --metrics <source>');
    const contract = await loadContract(values.contract, io.folder);
    const headers = { accept: `${openMetricsContentType}, text/plain;q=0.5`, ...parseHeaders(values.header) };
    const metrics = parseExposition(await readText(values.metrics, io, { headers, timeoutMillis }));
    const seriesCount = metrics.reduce((sum, { samples }) => sum + samples.length, 0);
    if (seriesCount === 0) {
      throw new ObservabilityError('OBS_EXPOSITION_INVALID', `${values.metrics} has no samples.`);
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
      ? `${io.style('green', '✓')} The contract is met (${checked}).`
      : `${breaches.length} ${breaches.length === 1 ? 'breach' : 'breaches'} of the contract (${checked}).`,
  );
}

/** Nothing fails for it: a label that the service drops by itself has done no harm. But somebody should know. */
function printCounted(io: CommandIo, counted: ReturnType<typeof countedBreaches>): void {
  const list = Object.entries(counted).map(([rule, count]) => `${rule} ${count}`);
  if (list.length === 0) return;
  io.out(`The service itself has counted: ${list.join(', ')}. Its log says what (OBS_CONTRACT_BREACHED).`);
}
