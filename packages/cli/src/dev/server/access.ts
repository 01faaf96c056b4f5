import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Who may do what: nobody from outside this machine, and no page of another origin. */
export interface Access {
  readonly token: string;
  /** The value of Set-Cookie that lets the page ask for more. */
  readonly cookie: string;
  /** Whether the request has the token, in the Authorization header, in the cookie, or in the link. */
  hasToken(request: IncomingMessage, url: URL): boolean;
}

export function createAccess(port: () => number, token = randomBytes(24).toString('base64url')): Access {
  // Cookies are shared by all ports of a host, so the name has the port.
  const cookieName = () => `throughline_dev_${port()}`;
  return {
    token,
    get cookie() {
      return `${cookieName()}=${token}; Path=/; HttpOnly; SameSite=Strict`;
    },
    hasToken({ headers }, url) {
      const bearer = /^Bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
      const cookie = new RegExp(`(?:^|;\\s*)${cookieName()}=([^;]+)`).exec(headers.cookie ?? '')?.[1];
      const given = [bearer, cookie, url.searchParams.get('token')];
      return given.some((text) => typeof text === 'string' && isSame(text, token));
    },
  };
}

function isSame(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * Whether the request names this machine as its host. A page of another site whose name was made to resolve to 127.0.0.1
 * names its own host (DNS rebinding).
 */
export function isLocalHost({ headers }: IncomingMessage): boolean {
  return /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/i.test(headers.host ?? '');
}

/** Whether a page of another origin sent the request. Programs send neither header. */
export function isFromOtherPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return true;
  return headers.origin !== undefined && headers.origin !== `http://${headers.host}`;
}

/** Whether a browser sent the request. Telemetry comes from programs. */
export const isFromBrowser = ({ headers }: IncomingMessage): boolean =>
  headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
