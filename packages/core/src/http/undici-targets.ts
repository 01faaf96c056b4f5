import { copyOf } from '../model/text-copy.js';
import { ClientTarget } from './client-target.js';
import type { UndiciRequest } from './handed-on-headers.js';

/** A service calls a few servers. One that calls a new name each time must not fill the memory. */
const maxTargets = 256;

/** Targets of undici by origin: a URL is parsed when its origin comes for the first time. */
export class UndiciTargets {
  private readonly targets = new Map<string, ClientTarget>();

  /** @returns undefined if the request has no URL */
  of(request: UndiciRequest): ClientTarget | undefined {
    const origin = String(request.origin);
    const isPath = isOnlyPath.test(request.path);
    const known = isPath ? this.targets.get(origin) : undefined;
    if (known !== undefined) return known;
    const url = urlOf(request);
    if (url === undefined) return undefined;
    const target = new ClientTarget(copyOf(url.hostname), portOf(url), copyOf(origin), {
      'url.scheme': url.protocol.replace(':', ''),
    });
    if (isPath && this.targets.size < maxTargets) this.targets.set(copyOf(origin), target);
    return target;
  }
}

/** What begins otherwise may be a whole URL, and go to another server than the origin. */
const isOnlyPath = /^\/(?![/\\\s])/;
/** Of such a path the URL is what it says: nothing has to be encoded or resolved. */
const isPlainPath = /^(?!\/\/)(?!.*\/(?:\.|%2e))\/[\w\-.~!$&'()*+,;=:@/%]*(?:\?|$)/i;

export function pathnameOf(request: UndiciRequest): string {
  const { path } = request;
  if (!isPlainPath.test(path)) return urlOf(request)?.pathname ?? '';
  const question = path.indexOf('?');
  return question === -1 ? path : path.slice(0, question);
}

export function urlOf({ path, origin }: UndiciRequest): URL | undefined {
  try {
    return new URL(path, origin);
  } catch {
    return undefined;
  }
}

function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port);
  return url.protocol === 'https:' ? 443 : 80;
}
