import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'winston';
import type { Diagnose, DiagnoseOptions } from '../diagnosis/diagnosis.js';
import { audit } from '../logs/audit-line.js';
import { isAuthorized } from '../metrics/bearer-token.js';
import { withoutIpv4Mapping } from '../model/client-address.js';
import { ObservabilityError } from '../model/errors.js';
import type { ControlPath } from '../plugin/control.js';
import { oncePerInterval } from '../timing/once-per-interval.js';
import type { TemporarySetting } from '../timing/temporary-setting.js';
import { RequestRefused, readJsonObject } from './request-body.js';

export const controlPath = '/observability';

/** One thing that can be changed while the service runs. */
export interface Control {
  /** Its name in request and response bodies, for example `level`. */
  readonly member: string;
  readonly setting: Pick<TemporarySetting<unknown>, 'set' | 'reset' | 'state'>;
  /** The current value, as responses show it. */
  value(): unknown;
}

/** A change, in a form that another process can repeat. */
export interface ControlChange {
  /** Below `/observability`, for example `log-level`. */
  readonly path: string;
  /** Undefined resets the setting to its configured value. */
  readonly value: unknown;
  readonly forSeconds: number | undefined;
}

/** Paths in addition to those of the listed controls. */
export interface FurtherPaths {
  /** Finds a control that is created only when a request asks for it. */
  readonly furtherControl?: (path: string) => Control | undefined;
  /** Answers `POST /observability/doctor`. */
  readonly diagnose?: Diagnose;
  /** What plugins answer, by its path. */
  readonly files?: ReadonlyMap<string, ControlPath>;
  /** Called after every change. */
  readonly changed?: (change: ControlChange) => void;
}

const doctorPath = 'doctor';
const methods = 'GET, HEAD, PUT, DELETE';
const refusalIntervalMillis = 60_000;

/**
 * Reads and changes settings over HTTP. A caller without the token learns nothing, not even which paths exist.
 *
 * @param controls by their path below `/observability`, for example `log-level` or `plugins/express`
 * @param token undefined switches live control off: every request gets a 404
 */
export function createControlHandler(
  controls: ReadonlyMap<string, Control>,
  token: string | undefined,
  logger: Logger,
  { furtherControl, diagnose, files = new Map(), changed }: FurtherPaths = {},
): (request: IncomingMessage, response: ServerResponse) => void {
  const sayRefused = oncePerInterval(refusalIntervalMillis, (address: string | undefined) =>
    logger.warn('Live control: a request without the right token was refused.', { remote_address: address }),
  );

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (error instanceof RequestRefused) {
        send(response, error.status, { error: { message: error.message } }, error.headers);
      } else if (error instanceof ObservabilityError) {
        const { code, message, fix } = error;
        send(response, 400, { error: { code, message, fix } });
      } else {
        send(response, 500, { error: { message: 'The request failed because of an internal error.' } });
      }
      // Discards the rest of the body.
      request.resume();
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (token === undefined) throw new RequestRefused(404, 'Not found.');
    const address = withoutIpv4Mapping(request.socket?.remoteAddress);
    if (!isAuthorized(request, token)) {
      sayRefused(address);
      throw new RequestRefused(401, 'This request needs a bearer token.', { 'www-authenticate': 'Bearer' });
    }
    const path = pathBelow(request);
    if (path === '' || path === 'plugins') {
      if (!isRead(request))
        throw new RequestRefused(405, 'This path supports only GET.', { allow: 'GET, HEAD' });
      const prefix = path === '' ? '' : 'plugins/';
      const found = [...controls].filter(([name]) => name.startsWith(prefix));
      send(
        response,
        200,
        Object.fromEntries(found.map(([name, control]) => [name, shown(control)])),
        {},
        request,
      );
      return;
    }
    if (path === doctorPath && diagnose) {
      if (request.method !== 'POST')
        throw new RequestRefused(405, 'This path supports only POST.', { allow: 'POST' });
      send(response, 200, await diagnose(await diagnoseOptions(request)));
      return;
    }
    const file = files.get(path);
    if (file) {
      if (request.method !== 'PUT')
        throw new RequestRefused(405, 'This path supports only PUT.', { allow: 'PUT' });
      await sendFile(file, request, response, address);
      return;
    }
    const control = controls.get(path) ?? furtherControl?.(path);
    if (!control) {
      throw new RequestRefused(
        404,
        `The path '${path.slice(0, 64)}' does not exist. These paths do: ${[...controls.keys(), ...files.keys()].join(', ')}.`,
      );
    }
    if (request.method === 'PUT') await change(path, control, request, address);
    else if (request.method === 'DELETE') {
      const previous = control.value();
      control.setting.reset();
      sayChanged(path, control, previous, address);
      changed?.({ path, value: undefined, forSeconds: undefined });
    } else if (!isRead(request))
      throw new RequestRefused(405, `This path supports only ${methods}.`, { allow: methods });
    send(response, 200, shown(control), {}, request);
  }

  async function sendFile(
    { path, members, answer: ask }: ControlPath,
    request: IncomingMessage,
    response: ServerResponse,
    address: string | undefined,
  ): Promise<void> {
    const body = await readJsonObject(request);
    const unknown = Object.keys(body).find((key) => !members.includes(key));
    if (unknown !== undefined) {
      throw new RequestRefused(
        400,
        `'${unknown.slice(0, 64)}' is unknown; the body takes ${members.join(', ')}.`,
      );
    }
    const disconnected = new AbortController();
    response.once('close', () => disconnected.abort());
    audit(logger, `Live control: ${path} was requested.`, {
      setting: path,
      value: body,
      remote_address: address,
    });
    const answered = await ask(body, disconnected.signal);
    if ('status' in answered) throw new RequestRefused(answered.status, answered.message);
    if (response.headersSent) return;
    response.writeHead(200, {
      'content-type': answered.contentType,
      'content-length': String(answered.body.length),
      'content-disposition': `attachment; filename="${answered.fileName}"`,
      'cache-control': 'no-store',
    });
    response.end(answered.body);
  }

  async function change(
    path: string,
    control: Control,
    request: IncomingMessage,
    address: string | undefined,
  ): Promise<void> {
    const { member, setting } = control;
    const body = await readJsonObject(request);
    const unknown = Object.keys(body).find((key) => key !== member && key !== 'forSeconds');
    if (unknown !== undefined) {
      throw new RequestRefused(
        400,
        `'${unknown.slice(0, 64)}' is unknown; the body takes ${member} and forSeconds.`,
      );
    }
    if (!Object.hasOwn(body, member)) throw new RequestRefused(400, `The body has no ${member}.`);
    const { [member]: value, forSeconds } = body;
    const previous = control.value();
    setting.set(value, {
      ...(forSeconds === undefined ? {} : { forSeconds: forSeconds as number }),
      onReturn: () =>
        audit(logger, `Live control: ${path} was reset.`, { setting: path, value: control.value() }),
    });
    sayChanged(path, control, previous, address);
    changed?.({ path, value, forSeconds: forSeconds as number | undefined });
  }

  function sayChanged(path: string, control: Control, previous: unknown, address: string | undefined): void {
    audit(logger, `Live control: ${path} was changed.`, {
      setting: path,
      value: control.value(),
      previous,
      until: control.setting.state().until?.toISOString() ?? null,
      remote_address: address,
    });
  }
}

async function diagnoseOptions(request: IncomingMessage): Promise<DiagnoseOptions> {
  const body = await readJsonObject(request);
  const unknown = Object.keys(body).find((key) => key !== 'testLine');
  if (unknown !== undefined) {
    throw new RequestRefused(400, `'${unknown.slice(0, 64)}' is unknown; the body takes testLine.`);
  }
  const { testLine = false } = body;
  if (typeof testLine !== 'boolean') throw new RequestRefused(400, 'testLine takes true or false.');
  return { testLine };
}

function shown({ member, setting, value }: Control): object {
  return { [member]: value(), until: setting.state().until?.toISOString() ?? null };
}

const isRead = ({ method }: IncomingMessage) => method === 'GET' || method === 'HEAD';

/** Express and others cut the path that a handler is mounted under off `url`. */
function pathBelow(request: IncomingMessage & { originalUrl?: string }): string {
  const path = (request.originalUrl ?? request.url ?? '').split('?', 1)[0] ?? '';
  const start = path.indexOf(`${controlPath}/`);
  const below = start === -1 ? '' : path.slice(start + controlPath.length + 1).replace(/\/+$/, '');
  try {
    return decodeURIComponent(below);
  } catch {
    return below;
  }
}

function send(
  response: ServerResponse,
  status: number,
  body: object,
  headers: Readonly<Record<string, string>> = {},
  request?: IncomingMessage,
): void {
  if (response.headersSent) return;
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(request?.method === 'HEAD' ? undefined : `${JSON.stringify(body)}\n`);
}
