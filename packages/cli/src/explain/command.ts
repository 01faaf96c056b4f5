import { nearestName } from '@throughline/core/internal';
import {
  type Command,
  type CommandIo,
  commandInvalid,
  exitCodes,
  parseOptions,
} from '../command-line/command.js';
import { wrapped } from '../command-line/wrapped.js';
import { allExplanations, type Explanation } from './explanations.js';

const usage = `throughline explain [code …] [options]

Explains the codes of errors, warnings and findings: what happened, the probable cause, and what to do.

Arguments
  code     for example OBS_EXPORT_FAILED; upper or lower case, with or without OBS_; without a code, all are listed

Options
  --json   print a JSON array
  --help

Examples
  throughline explain OBS_EXPORT_FAILED
  throughline explain --json

Exit codes
  0  all codes were explained
  2  a code does not exist`;

const places: Readonly<Record<Explanation['from'], string>> = {
  service: 'thrown at start or logged by a service',
  doctor: 'found by throughline doctor and diagnose()',
  command: 'reported by the command line',
};

const explain: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, { json: { type: 'boolean' } });
    const all = allExplanations();
    const asked = positionals.flatMap((given) => explanationsOf(given, all));
    if (values.json) io.out(JSON.stringify(positionals.length === 0 ? all : asked, null, 2));
    else if (positionals.length === 0) printList(all, io);
    else for (const each of asked) printExplanation(each, io);
    return exitCodes.ok;
  },
};
export default explain;

function explanationsOf(given: string, all: readonly Explanation[]): Explanation[] {
  const name = given.toUpperCase().replaceAll('-', '_');
  const code = name.startsWith('OBS_') ? name : `OBS_${name}`;
  const found = all.filter((each) => each.code === code);
  if (found.length > 0) return found;
  const nearest = nearestName(
    code,
    all.map((each) => each.code),
  );
  throw commandInvalid(
    `There is no code '${given}'${nearest === undefined ? '; throughline explain lists all codes' : `; did you mean '${nearest}'?`}`,
  );
}

function printExplanation({ code, from, level, message, cause, fix }: Explanation, io: CommandIo): void {
  const of = level === undefined ? places[from] : `${level}, ${places[from]}`;
  io.out(`${io.style('bold', code)}  ${io.style('dim', of)}`);
  for (const line of wrapped(message, io.width - 2)) io.out(`  ${line}`);
  for (const [label, text] of [
    ['cause', cause],
    ['fix', fix],
  ] as const) {
    const [first = '', ...more] = wrapped(text, io.width - 9);
    io.out(`  ${io.style('dim', label.padEnd(7))}${first}`);
    for (const line of more) io.out(`         ${line}`);
  }
  io.out('');
}

function printList(all: readonly Explanation[], io: CommandIo): void {
  const width = Math.max(...all.map(({ code }) => code.length));
  for (const from of Object.keys(places) as Explanation['from'][]) {
    io.out(io.style('bold', places[from]));
    for (const { code, message } of all.filter((each) => each.from === from)) {
      const [first = '', ...more] = wrapped(message, io.width - width - 4);
      io.out(`  ${code.padEnd(width)}  ${first}`);
      for (const line of more) io.out(`  ${' '.repeat(width)}  ${line}`);
    }
    io.out('');
  }
}
