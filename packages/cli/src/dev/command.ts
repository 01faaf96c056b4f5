import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { readEnvironment } from '@throughline/core/internal';
import { type Command, commandInvalid, exitCodes, parseOptions } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { type Dev, startDev } from './dev.js';
import type { ServiceCommand } from './services/started-service.js';
import { defaultLimits } from './store/telemetry-store.js';

const defaultMegabytes = defaultLimits.sizeBytes / 1024 / 1024;
/** Services have this long to end before they are killed. */
const graceMillis = 10_000;

const usage = `throughline dev [options] [-- <command>]

Starts services and shows their traces, metrics and logs on a local page. The services need not use Throughline, or Node:
whatever speaks OTLP over HTTP is shown. No telemetry leaves this machine.

  throughline dev -- npm start                      starts a service
  throughline dev --service web="npm run web" --service jobs="python jobs.py"
                                                    starts several
  throughline dev                                   only listens, on port 4318

Options
  --name <name>              the name of the service after --; default: the name that it has
  --service <name>=<command> a service with its name; the shell runs the command; can be repeated
  --scrape <url>             also read the metrics endpoint of a service that is started elsewhere; can be repeated; set
                             THROUGHLINE_CONTROL_TOKEN to its token to see its diagnosis too
  --port <port>              default: the first free port from 4318
  --memory <megabytes>       how much telemetry is kept; default: ${defaultMegabytes}
  --open <file>              show a session that the page has saved
  --stay                     keep the page when the services have ended; in a terminal this is the default
  --help

Environment of the services
  OTEL_EXPORTER_OTLP_ENDPOINT and OTEL_EXPORTER_OTLP_PROTOCOL lead here. What the environment of this command says about
  OTLP is replaced. OTEL_SERVICE_NAME is set if you name the service.

Signals are passed on to the services; a second one kills them.

Exit codes
  0  the services ended with 0, or there were none
  2  wrong call, or the port is in use
  …  the exit code of the first service that ended with another one`;

const dev: Command = {
  usage,
  async run(args, io) {
    const end = args.indexOf('--');
    const command = end < 0 ? undefined : args.slice(end + 1);
    const { values, positionals } = parseOptions(end < 0 ? args : args.slice(0, end), {
      name: { type: 'string' },
      service: { type: 'string', multiple: true },
      scrape: { type: 'string', multiple: true },
      port: { type: 'string' },
      memory: { type: 'string' },
      open: { type: 'string' },
      stay: { type: 'boolean' },
    });
    if (positionals.length > 0) {
      throw commandInvalid(
        `Put the command of the service after --: throughline dev -- ${positionals.join(' ')}`,
      );
    }
    if (command?.length === 0) throw commandInvalid('There is no command after --');
    if (values.name !== undefined && !command) throw commandInvalid('--name needs a command after --');
    const services: ServiceCommand[] = (values.service ?? []).map(serviceOf);
    if (command) services.push({ name: values.name, command });
    const names = services.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw commandInvalid(`Two services are named '${twice}'`);
    const port = numberOf('--port', values.port, 0, 65_535);
    const megabytes = numberOf('--memory', values.memory, 1, 16_384) ?? defaultMegabytes;

    const started = await startDev(
      {
        services,
        scrapeUrls: (values.scrape ?? []).map(scrapeUrlOf),
        port,
        limits: { ...defaultLimits, sizeBytes: megabytes * 1024 * 1024 },
        session: values.open === undefined ? undefined : await readSession(values.open, io.folder),
        environment: readEnvironment(),
      },
      io,
    );
    io.problem(`${io.style('bold', 'Throughline')} ${started.link}`);
    if (services.length === 0) {
      io.problem(`Services send here with OTEL_EXPORTER_OTLP_ENDPOINT=${started.endpoint} (OTLP over HTTP).`);
    }
    const stays = services.length === 0 || values.stay === true || process.stdout.isTTY === true;
    return untilEnded(started, stays, (line) => io.problem(io.style('dim', line)));
  },
};
export default dev;

/** Waits for the services, or for a signal, and passes signals on. */
async function untilEnded(started: Dev, stays: boolean, say: (line: string) => void): Promise<number> {
  let isInterrupted = false;
  let interrupted: () => void = () => {};
  const interruption = new Promise<void>((done) => {
    interrupted = done;
  });
  let timer: NodeJS.Timeout | undefined;
  const onSignal = (name: NodeJS.Signals) => {
    started.signal(isInterrupted ? 'SIGKILL' : name);
    isInterrupted = true;
    timer ??= setTimeout(() => started.signal('SIGKILL'), graceMillis);
    interrupted();
  };
  // Whatever ends this process, the services must not be left.
  const onExit = () => started.signal('SIGKILL');
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const name of names) process.on(name, onSignal);
  process.on('exit', onExit);
  try {
    const ends = await started.ended;
    if (stays && !isInterrupted) {
      if (ends.length > 0) say('All services have ended. The page stays until Ctrl-C.');
      await interruption;
    }
    return ends.find(({ exitCode }) => exitCode !== 0)?.exitCode ?? exitCodes.ok;
  } finally {
    clearTimeout(timer);
    process.off('exit', onExit);
    for (const name of names) process.off(name, onSignal);
    await started.close();
  }
}

function serviceOf(text: string): ServiceCommand {
  const [, name, command] = /^([^=\s]+)=(.*\S.*)$/s.exec(text) ?? [];
  if (name === undefined || command === undefined) {
    throw commandInvalid(`--service takes <name>=<command>, for example web="npm start", not '${text}'`);
  }
  return { name, command };
}

function scrapeUrlOf(text: string): string {
  const given = /^https?:\/\//i.test(text) ? text : `http://${text}`;
  if (!URL.canParse(given))
    throw commandInvalid(`--scrape takes a URL such as http://localhost:9464, not '${text}'`);
  const url = new URL(given);
  if (url.pathname === '/') url.pathname = '/metrics';
  return url.href;
}

function numberOf(flag: string, text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isInteger(value) || value < least || value > most) {
    throw commandInvalid(`${flag} takes an integer from ${least} to ${most}, not '${text}'`);
  }
  return value;
}

async function readSession(name: string, folder: string): Promise<{ name: string; content: Buffer }> {
  try {
    return { name: basename(name), content: await readFile(resolve(folder, name)) };
  } catch (cause) {
    throw new CommandError('OBS_COMMAND_INPUT', `${name} could not be read: ${(cause as Error).message}.`, {
      cause,
    });
  }
}
