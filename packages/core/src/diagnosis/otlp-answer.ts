import type { OptionSource } from '../options/resolve.js';
import { type DiagnosisCode, type DiagnosisFinding, finding } from './findings.js';
import type { OtlpResponse } from './otlp-request.js';

/** The meaning of a response, before it is known which signals it concerns. */
export interface Verdict {
  readonly code: DiagnosisCode;
  /** The predicate of the sentence about the endpoint: "http://… refuses the credentials (401)". */
  readonly says: string;
  readonly cause?: string;
  readonly fix?: string;
}

/** A verdict as a finding about one or several signals that leave through the same endpoint. */
export function endpointFinding(
  verdict: Verdict,
  endpoint: string,
  what: string,
  source: OptionSource,
): DiagnosisFinding {
  const from = source === 'default' ? 'is the default' : `comes from ${source}`;
  const message = `${endpoint} ${verdict.says}: ${what} cannot leave. The address ${from}.`;
  return finding(verdict.code, message, verdict);
}

/** The problem of the response to test data; undefined for a valid OTLP/HTTP response. */
export function judge(response: OtlpResponse, endpoint: URL): Verdict | undefined {
  return response.error ? judgeError(response.error, endpoint) : judgeStatus(response as Answered, endpoint);
}

type Answered = Exclude<OtlpResponse, { readonly error: Error }>;

function judgeError(error: NodeJS.ErrnoException, endpoint: URL): Verdict {
  const code = codeOf(error);
  const shown = code === '' ? error.message : code;
  if (code === 'ECONNREFUSED') return { code: 'OBS_ENDPOINT_REFUSED', says: `has no listener (${shown})` };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return {
      code: 'OBS_ENDPOINT_UNKNOWN_HOST',
      says: `has a host without an address (${endpoint.hostname}, ${shown})`,
    };
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return { code: 'OBS_ENDPOINT_TIMEOUT', says: `does not answer (${error.message})` };
  }
  if (code.startsWith('HPE_')) {
    return {
      code: 'OBS_ENDPOINT_NOT_OTLP',
      says: `does not speak HTTP/1.1${endpoint.port === '4317' ? '; 4317 is the port for gRPC' : ''} (${shown})`,
    };
  }
  const tls = judgeTls(code, shown, endpoint);
  if (tls) return tls;
  return { code: 'OBS_ENDPOINT_BROKEN', says: `breaks the connection (${shown})` };
}

const untrusted = /SELF_SIGNED|UNABLE_TO_(?:VERIFY|GET_ISSUER)|CERT_UNTRUSTED|INVALID_CA/;

function judgeTls(code: string, shown: string, endpoint: URL): Verdict | undefined {
  if (endpoint.protocol !== 'https:') return undefined;
  if (untrusted.test(code)) {
    return {
      code: 'OBS_ENDPOINT_TLS',
      says: `has a certificate that this service does not trust (${shown})`,
      cause: 'The certificate is self-signed, or signed by a private authority that Node does not trust.',
      fix: 'Set OTEL_EXPORTER_OTLP_CERTIFICATE or the option `certificate` to a PEM file with the certificate of the authority. NODE_EXTRA_CA_CERTS sets it for the whole process.',
    };
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return {
      code: 'OBS_ENDPOINT_TLS',
      says: `has a certificate that is not valid today (${shown})`,
      cause: 'The certificate was not renewed, or a clock is wrong.',
      fix: 'Renew the certificate of the endpoint.',
    };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return {
      code: 'OBS_ENDPOINT_TLS',
      says: `has a certificate for another host than ${endpoint.hostname} (${shown})`,
      cause: 'The certificate does not contain the host name in the address of the endpoint.',
      fix: 'Use a host name that the certificate contains, or add this host name to the certificate.',
    };
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH|HTTP_REQUEST|EPROTO/.test(code)) {
    return {
      code: 'OBS_ENDPOINT_TLS',
      says: `does not speak TLS (${shown})`,
      cause: 'The address starts with https://, but the server there speaks plain HTTP.',
      fix: 'Use http:// in the address, or turn on TLS in the receiver.',
    };
  }
  return /^ERR_(?:TLS|SSL)|CERT|TLSV1/.test(code)
    ? { code: 'OBS_ENDPOINT_TLS', says: `cannot make a TLS connection (${shown})` }
    : undefined;
}

/** The name of a host with several addresses fails with one error per address. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (typeof error.code === 'string' && error.code !== '') return error.code;
  const [first] = (error as AggregateError).errors ?? [];
  return String((first as NodeJS.ErrnoException | undefined)?.code ?? '');
}

function judgeStatus(answer: Answered, endpoint: URL): Verdict | undefined {
  const { status, body, location } = answer;
  const shown = `${status}${quoted(body)}`;
  if (status >= 200 && status < 300) return judgeSuccess(answer);
  if (status === 401 || status === 403) {
    return { code: 'OBS_ENDPOINT_UNAUTHORIZED', says: `refuses the credentials (${shown})` };
  }
  if (status === 404 || status === 405) {
    return { code: 'OBS_ENDPOINT_NOT_FOUND', says: `does not have the path ${endpoint.pathname} (${shown})` };
  }
  if (status >= 300 && status < 400) {
    return {
      code: 'OBS_ENDPOINT_REJECTED',
      says: `answers ${status}${location === undefined ? '' : `, a redirect to ${location}`}`,
      cause: 'The address belongs to a web page or a proxy. Redirects are not followed.',
      fix: 'Use the address that the redirect leads to, if that is the receiver.',
    };
  }
  if (status === 429 || status >= 500) {
    return { code: 'OBS_ENDPOINT_UNAVAILABLE', says: `cannot accept data now (${shown})` };
  }
  if (/http request.{0,20}https/i.test(body)) {
    return {
      code: 'OBS_ENDPOINT_TLS',
      says: `needs TLS (${shown})`,
      cause: 'The address starts with http://, but the server there speaks TLS.',
      fix: 'Use https:// in the address.',
    };
  }
  return { code: 'OBS_ENDPOINT_REJECTED', says: `rejects the data (${shown})` };
}

/** https://opentelemetry.io/docs/specs/otlp/#full-success-1: the answer is encoded as the request; some send no body. */
function judgeSuccess({ status, contentType, body, partialSuccess }: Answered): Verdict | undefined {
  if (partialSuccess.rejectedCount > 0) {
    const reason = partialSuccess.message ?? 'without a reason';
    return { code: 'OBS_ENDPOINT_REJECTED', says: `answers ${status}, and rejects the data (${reason})` };
  }
  if (body.trim() === '' || /protobuf/i.test(contentType) || isJsonObject(body)) return undefined;
  return {
    code: 'OBS_ENDPOINT_NOT_OTLP',
    says: `answers ${status}, but not with an OTLP response (${contentType || 'no content type'})`,
  };
}

function isJsonObject(body: string): boolean {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function quoted(body: string): string {
  const line = body
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  if (line === '') return '';
  return `: ${line.length > 120 ? `${line.slice(0, 120)}…` : line}`;
}
