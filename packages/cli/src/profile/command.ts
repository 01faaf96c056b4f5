import { writeFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { readEnvironment } from '@throughline/core/internal';
import { type Command, commandInvalid, exitCodes, parseOptions } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { reasonOf } from '../command-line/read-text.js';
import { type ServiceOfProcess, serviceOfProcess } from './service-of-process.js';

const defaultUrl = 'http://localhost:9464';
const defaultSeconds = 30;
/** Beyond the time of the profile itself. */
const answerMillis = 60_000;
const probeMillis = 3_000;

const usage = `throughline profile [options]

Takes a profile of a running service, and writes it to a file. The service needs @throughline/profiles and a token of live
control (THROUGHLINE_CONTROL_TOKEN).

Options
  --pid <pid>           the process of the service, on this machine (Linux); its port and its token are found
  --url <url>           or the metrics server of the service; default: ${defaultUrl}
  --seconds <seconds>   how long; default: ${defaultSeconds}
  --type <type>         cpu, wall (elapsed time) or heap (objects in memory); default: cpu
  --format <format>     pprof (speedscope, go tool pprof, Pyroscope) or cpuprofile (Chrome, VS Code, speedscope);
                        default: pprof
  --output <file>       default: the name that the service gives, in the current folder
  --help

Examples
  throughline profile --pid 4711
  THROUGHLINE_CONTROL_TOKEN=… throughline profile --url http://orders:9464 --seconds 10 --format cpuprofile

Exit codes
  0  the file is written
  2  there is no profile`;

const profile: Command = {
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      pid: { type: 'string' },
      url: { type: 'string' },
      seconds: { type: 'string' },
      type: { type: 'string' },
      format: { type: 'string' },
      output: { type: 'string' },
    });
    if (positionals.length > 0) throw commandInvalid(`profile takes no argument '${positionals[0]}'`);
    if (values.pid !== undefined && values.url !== undefined)
      throw commandInvalid('Pass --pid or --url, not both');
    const seconds = values.seconds === undefined ? defaultSeconds : Number(values.seconds);
    if (!(seconds > 0)) throw commandInvalid(`--seconds takes a number, not '${values.seconds}'`);

    const found = values.pid === undefined ? undefined : serviceOfProcess(pidOf(values.pid));
    const token = readEnvironment().THROUGHLINE_CONTROL_TOKEN ?? found?.token;
    if (token === undefined) {
      throw new CommandError(
        'OBS_COMMAND_INPUT',
        'There is no token: THROUGHLINE_CONTROL_TOKEN is not set.',
        {
          fix: 'Set it to the token that the service was started with. A service without a token has no live control.',
        },
      );
    }
    const url = found ? await controlOf(found, token) : urlOf(values.url ?? defaultUrl);
    io.problem(`Taking a profile of ${url.origin} for ${seconds} s…`);
    const { fileName, body } = await ask(url, token, seconds, {
      seconds,
      ...(values.type === undefined ? {} : { type: values.type }),
      ...(values.format === undefined ? {} : { format: values.format }),
    });
    const path = resolve(io.folder, values.output ?? fileName);
    try {
      writeFileSync(path, body);
    } catch (cause) {
      throw new CommandError('OBS_COMMAND_INPUT', `${path} cannot be written: ${reasonOf(cause)}.`);
    }
    io.out(`${io.style('green', '✓')} ${path} (${Math.ceil(body.length / 1024)} kB)`);
    io.out(openWith(path));
    return exitCodes.ok;
  },
};
export default profile;

function pidOf(text: string): number {
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0)
    throw commandInvalid(`--pid takes the number of a process, not '${text}'`);
  return pid;
}

function urlOf(text: string): URL {
  try {
    return new URL(/^https?:\/\//i.test(text) ? text : `http://${text}`);
  } catch {
    throw commandInvalid(`--url takes a URL such as ${defaultUrl}, not '${text}'`);
  }
}

/** Of all ports of a process, the one with live control. */
async function controlOf({ addresses }: ServiceOfProcess, token: string): Promise<URL> {
  const statuses: string[] = [];
  for (const address of addresses) {
    try {
      const response = await fetch(`${address}/observability`, {
        headers: { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(probeMillis),
        redirect: 'error',
      });
      const text = await response.text();
      if (response.status === 200 && text.includes('"log-level"')) return new URL(address);
      statuses.push(`${address} answers ${response.status}`);
    } catch (cause) {
      statuses.push(`${address}: ${reasonOf(cause)}`);
    }
  }
  throw new CommandError(
    'OBS_COMMAND_INPUT',
    `No port of the process has live control: ${statuses.join(', ')}.`,
    {
      fix: 'Start the service with THROUGHLINE_CONTROL_TOKEN. If it mounts the handler itself, pass its address to --url.',
    },
  );
}

async function ask(
  url: URL,
  token: string,
  seconds: number,
  wanted: object,
): Promise<{ readonly fileName: string; readonly body: Uint8Array }> {
  const path = new URL('/observability/profile', url);
  let response: Response;
  let body: Uint8Array;
  try {
    response = await fetch(path, {
      method: 'PUT',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(wanted),
      signal: AbortSignal.timeout(seconds * 1_000 + answerMillis),
    });
    body = new Uint8Array(await response.arrayBuffer());
  } catch (cause) {
    throw new CommandError('OBS_COMMAND_INPUT', `${path.href} gave no profile: ${reasonOf(cause)}.`);
  }
  if (response.status === 200) {
    const named = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
    return { fileName: basename(named ?? 'profile.pb.gz'), body };
  }
  throw new CommandError(
    'OBS_COMMAND_INPUT',
    `${path.href} gave no profile: ${whyNot(response.status, body)}`,
    {
      ...(response.status === 404
        ? {
            fix: 'Install @throughline/profiles in the service, and start the service with THROUGHLINE_CONTROL_TOKEN.',
          }
        : response.status === 401
          ? { fix: 'Use the token that the service was started with.' }
          : {}),
    },
  );
}

function whyNot(status: number, body: Uint8Array): string {
  try {
    const { error } = JSON.parse(Buffer.from(body).toString()) as { error: { message: string } };
    return error.message;
  } catch {
    return `it answers ${status}.`;
  }
}

function openWith(path: string): string {
  return path.endsWith('.cpuprofile')
    ? 'Open it in the Performance panel of Chrome, in VS Code, or at https://www.speedscope.app.'
    : `Open it with \`go tool pprof -http=: ${path}\`, or at https://www.speedscope.app.`;
}
