import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, readServicePackage } from '@throughline/core/internal';
import type { CommandIo } from '../command-line/command.js';
import { CommandError } from '../command-line/errors.js';
import { version } from '../command-line/version.js';
import { readLogLine } from './intake/log-line.js';
import type { ServiceState, StatusAnswer } from './model/api.js';
import { type Access, createAccess } from './server/access.js';
import { type DevServer, startDevServer } from './server/dev-server.js';
import type { Refused } from './server/intake.js';
import { freePort } from './services/free-port.js';
import { Scraper } from './services/scraper.js';
import { serviceEnvironment } from './services/service-environment.js';
import {
  type ServiceCommand,
  type ServiceEnd,
  type StartedService,
  startService,
} from './services/started-service.js';
import { openSession } from './store/session-file.js';
import { defaultLimits, type Limits, TelemetryStore } from './store/telemetry-store.js';

/** The port of OTLP over HTTP, to which services send by default. */
const otlpPort = 4318;
/** So many ports after the first one are tried. */
const portsToTry = 20;

export interface DevSettings {
  readonly services: readonly ServiceCommand[];
  /** Metrics endpoints of services that were started elsewhere. */
  readonly scrapeUrls: readonly string[];
  /** Undefined for the first free one from 4318. */
  readonly port: number | undefined;
  readonly limits?: Limits;
  /** A saved session, which is shown first. */
  readonly session?: { readonly name: string; readonly content: Buffer } | undefined;
  readonly environment: Environment;
  /** Where the built page is; by default beside the command's files. */
  readonly pageFolder?: string;
}

/** The command while it runs. */
export interface Dev {
  readonly port: number;
  /** Where OTLP is taken. */
  readonly endpoint: string;
  /** The address of the page, with the token. */
  readonly link: string;
  readonly access: Access;
  /** How each service ended, in the order of the settings. */
  readonly ended: Promise<readonly ServiceEnd[]>;
  /** Passes a signal on to the services. */
  signal(name: NodeJS.Signals): void;
  /** Ends the server; the services must have ended. */
  close(): Promise<void>;
}

interface Running {
  readonly command: string;
  readonly metricsUrls: Set<string>;
  name: string;
  end: string | undefined;
}

/**
 * Starts the server and the services.
 *
 * @throws CommandError `OBS_DEV_PORT_IN_USE`, `OBS_SESSION_INVALID`
 */
export async function startDev(settings: DevSettings, io: CommandIo): Promise<Dev> {
  const { environment, limits = defaultLimits } = settings;
  const live = new TelemetryStore(limits);
  const refused: Refused = { requests: 0, items: 0, lastReason: undefined };
  let opened: { store: TelemetryStore; name: string; savedMillis: number } | undefined;
  let statusRevision = 0;
  const shown = () => opened?.store ?? live;
  const open = async (name: string, content: Buffer) => {
    opened = { name, ...(await openSession(content, limits)) };
    statusRevision++;
  };
  if (settings.session) {
    await open(settings.session.name, settings.session.content).catch((cause: Error) => {
      throw new CommandError('OBS_SESSION_INVALID', cause.message, { cause });
    });
  }

  let port = 0;
  const access = createAccess(() => port);
  const running: Running[] = [];
  const server = await listen(settings.port, {
    access,
    refused,
    pageFolder: settings.pageFolder ?? fileURLToPath(new URL('./page', import.meta.url)),
    add: (received) => live.add(received),
    store: shown,
    status: () => status(),
    changes: () => ({ ...shown().revisions, status: statusRevision + refused.requests + refused.items }),
    openSession: open,
    closeSession() {
      opened = undefined;
      statusRevision++;
    },
  });
  ({ port } = server);
  const endpoint = `http://127.0.0.1:${port}`;

  const controlToken = environment.THROUGHLINE_CONTROL_TOKEN || randomBytes(24).toString('hex');
  const scraper = new Scraper({
    endpoint,
    addHistogram: (point, sinceStart) => live.addHistogram(point, sinceStart),
    findingsChanged: () => statusRevision++,
  });
  for (const url of settings.scrapeUrls) {
    scraper.watch({
      ...{ url, serviceName: new URL(url).host, isStartedHere: false },
      controlToken: environment.THROUGHLINE_CONTROL_TOKEN || undefined,
    });
  }

  const started = await Promise.all(settings.services.map((service) => start(service)));

  async function start(service: ServiceCommand): Promise<StartedService> {
    const metricsPort = Number(environment.OTEL_EXPORTER_PROMETHEUS_PORT) || (await freePort());
    const { variables } = serviceEnvironment(environment, {
      ...{ endpoint, serviceName: service.name, metricsPort, controlToken },
    });
    const command = typeof service.command === 'string' ? service.command : service.command.join(' ');
    const state: Running = {
      ...{ command, metricsUrls: new Set(), end: undefined },
      name: service.name ?? environment.OTEL_SERVICE_NAME ?? nameOfCommand(service, io.folder),
    };
    running.push(state);
    const watch = (metricsUrl: string) => {
      if (state.metricsUrls.has(metricsUrl)) return;
      state.metricsUrls.add(metricsUrl);
      scraper.watch({ url: metricsUrl, serviceName: state.name, controlToken, isStartedHere: true });
    };
    watch(`http://127.0.0.1:${metricsPort}/metrics`);
    const prefix = settings.services.length > 1 ? `${io.style('dim', `${state.name} |`)} ` : '';
    const process = startService(service, {
      ...{ folder: io.folder, variables },
      onLine(line, channel) {
        if (channel === 'stdout') io.out(prefix + line);
        else io.problem(prefix + line);
        if (line.trim() === '') return;
        const record = readLogLine(line, { serviceName: state.name, channel, readMillis: Date.now() });
        live.addLine(record);
        if (record.serviceName !== state.name && service.name === undefined) {
          state.name = record.serviceName;
          statusRevision++;
        }
        const ownPort = metricsPortOf(line);
        if (ownPort !== undefined) watch(`http://127.0.0.1:${ownPort}/metrics`);
      },
    });
    statusRevision++;
    void process.ended.then(({ reason }) => {
      state.end = reason;
      for (const url of state.metricsUrls) scraper.forget(url);
      statusRevision++;
    });
    return process;
  }

  function status(): StatusAnswer {
    const store = shown();
    return {
      version,
      endpoint,
      session: opened && { name: opened.name, savedMillis: opened.savedMillis },
      services: opened ? [] : services(),
      counts: { spans: store.traces.spanCount, traces: store.traces.traceCount, lines: store.lines.count },
      sizeBytes: store.sizeBytes,
      limits: store.limits,
      forgotten: store.forgotten,
      refused,
      findings: opened ? [] : scraper.findings,
    };
  }

  function services(): ServiceState[] {
    const list = running.map(({ name, command, end, metricsUrls }): ServiceState => {
      return {
        name,
        command,
        end,
        state: end === undefined ? 'running' : 'ended',
        metricsUrl: [...metricsUrls].at(-1),
      };
    });
    const names = new Set(list.map(({ name }) => name));
    for (const { serviceName } of live.operations.all()) {
      if (names.has(serviceName)) continue;
      names.add(serviceName);
      list.push({
        name: serviceName,
        command: undefined,
        end: undefined,
        state: 'seen',
        metricsUrl: undefined,
      });
    }
    return list;
  }

  return {
    ...{ port, endpoint, access },
    link: `${endpoint}/?token=${access.token}`,
    ended: Promise.all(started.map(({ ended }) => ended)),
    signal(name) {
      for (const service of started) service.signal(name);
    },
    async close() {
      scraper.stop();
      await server.close();
    },
  };
}

async function listen(
  wanted: number | undefined,
  parts: Parameters<typeof startDevServer>[1],
): Promise<DevServer> {
  const ports =
    wanted === undefined ? Array.from({ length: portsToTry }, (_, index) => otlpPort + index) : [wanted];
  for (const port of ports) {
    try {
      return await startDevServer(port, parts);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  throw new CommandError(
    'OBS_DEV_PORT_IN_USE',
    wanted === undefined
      ? `All ports from ${otlpPort} to ${otlpPort + portsToTry - 1} are in use.`
      : `Port ${wanted} is in use.`,
  );
}

/** The name of the package, as Throughline takes it too, or of the program. */
function nameOfCommand({ command }: ServiceCommand, folder: string): string {
  const program = typeof command === 'string' ? command.trim().split(/\s/, 1)[0] : command[0];
  return readServicePackage(join(folder, 'package.json')).name ?? basename(program ?? 'service');
}

/** The port that Throughline names in its first line, if it is another one than its environment says. */
function metricsPortOf(line: string): number | undefined {
  if (!line.includes('Throughline is on.')) return undefined;
  const port = Number(/metrics_port\W{1,4}(\d{2,5})\b/.exec(line)?.[1]);
  return port > 0 ? port : undefined;
}
