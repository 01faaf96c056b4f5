import {
  checkBoolean,
  checkNumber,
  checkText,
  checkTextRecord,
  checkUrl,
  checkWord,
  group,
  option,
  parseBoolean,
  parseList,
  parseNumber,
  parsePairs,
  quoted,
} from './option.js';

export const profileTypeNames = ['wall', 'cpu', 'heap'] as const;
/** What a profile shows: elapsed time, CPU time, or objects in memory. */
export type ProfileType = (typeof profileTypeNames)[number];

const protocolNames = ['pyroscope', 'otlp'] as const;
const checkProtocol = checkWord(protocolNames);

function checkTypes(value: unknown): readonly ProfileType[] {
  if (!Array.isArray(value) || value.length === 0)
    throw new Error(`takes an array of ${quoted(profileTypeNames)}`);
  return [...new Set(value.map(checkWord(profileTypeNames)))];
}

const samplingLimits = { min: 1, max: 1_000 };
const uploadLimits = { min: 1_000, max: 600_000, integer: true };
const heapLimits = { min: 16_384, max: 1_073_741_824, integer: true };

export const profileOptions = group('Profiles, with the package @throughline/profiles (docs/profiles.md).', {
  endpoint: option({
    type: 'string',
    description:
      'Address of Pyroscope, or of an OTLP intake. With it, the service is profiled all the time. Without it, profiles are taken only on request.',
    fallbackText: 'none: no continuous profiles',
    environment: [{ name: 'THROUGHLINE_PROFILES_ENDPOINT', parse: checkUrl }],
    parse: checkUrl,
  }),
  protocol: option({
    type: "'pyroscope' | 'otlp'",
    description:
      "Protocol of the intake. `'pyroscope'` is `push.v1.PusherService/Push`; `'otlp'` is OTLP over HTTP with protobuf, version v1development.",
    fallback: 'pyroscope' as (typeof protocolNames)[number],
    environment: [{ name: 'THROUGHLINE_PROFILES_PROTOCOL', parse: checkProtocol }],
    parse: checkProtocol,
  }),
  types: option({
    type: "readonly ('wall' | 'cpu' | 'heap')[]",
    description: 'Which profiles are taken all the time.',
    fallback: profileTypeNames as readonly ProfileType[],
    environment: [{ name: 'THROUGHLINE_PROFILES_TYPES', parse: (text) => checkTypes(parseList(text)) }],
    parse: checkTypes,
  }),
  token: option({
    type: 'string',
    description: 'Bearer token for the intake.',
    environment: [{ name: 'THROUGHLINE_PROFILES_TOKEN', parse: checkText }],
    secret: true,
    parse: checkText,
  }),
  user: option({
    type: 'string',
    description: 'User for basic authentication at the intake, together with `password`.',
    environment: [{ name: 'THROUGHLINE_PROFILES_USER', parse: checkText }],
    parse: checkText,
  }),
  password: option({
    type: 'string',
    description: 'Password of `user`.',
    environment: [{ name: 'THROUGHLINE_PROFILES_PASSWORD', parse: checkText }],
    secret: true,
    parse: checkText,
  }),
  tenant: option({
    type: 'string',
    description: 'Tenant of the intake, sent as the header `X-Scope-OrgID`.',
    environment: [{ name: 'THROUGHLINE_PROFILES_TENANT', parse: checkText }],
    parse: checkText,
  }),
  headers: option({
    type: 'Readonly<Record<string, string>>',
    description: 'Further headers sent with every profile.',
    environment: [{ name: 'THROUGHLINE_PROFILES_HEADERS', parse: parsePairs, note: '`key=value` pairs' }],
    secret: true,
    parse: checkTextRecord,
  }),
  samplingIntervalMillis: option({
    type: 'number',
    description:
      'Time between two samples of a wall or CPU profile, in milliseconds. An overloaded process takes fewer samples.',
    fallback: 10,
    environment: [{ name: 'THROUGHLINE_PROFILES_SAMPLING_INTERVAL', parse: parseNumber(samplingLimits) }],
    parse: checkNumber(samplingLimits),
  }),
  heapSamplingIntervalBytes: option({
    type: 'number',
    description: 'Allocated bytes between two samples of a heap profile.',
    fallback: 524_288,
    environment: [{ name: 'THROUGHLINE_PROFILES_HEAP_SAMPLING_INTERVAL', parse: parseNumber(heapLimits) }],
    parse: checkNumber(heapLimits),
  }),
  uploadIntervalMillis: option({
    type: 'number',
    description: 'Time that one profile covers before it is sent, in milliseconds.',
    fallback: 15_000,
    environment: [{ name: 'THROUGHLINE_PROFILES_UPLOAD_INTERVAL', parse: parseNumber(uploadLimits) }],
    parse: checkNumber(uploadLimits),
  }),
  traceIds: option({
    type: 'boolean',
    description:
      'Whether samples carry `trace_id` in addition to `span_id`. Pyroscope 2.0 and older make a series of each trace id: switch it off there.',
    fallback: true,
    environment: [{ name: 'THROUGHLINE_PROFILES_TRACE_IDS', parse: parseBoolean }],
    parse: checkBoolean,
  }),
});
