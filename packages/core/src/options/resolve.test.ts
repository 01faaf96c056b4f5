import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, expectTypeOf, test } from 'vitest';
import type { ObservabilityOptions } from '../instance/observability-options.js';
import { ObservabilityError } from '../model/errors.js';
import type { ObservabilityPlugin } from '../plugin/plugin.js';
import { type Inputs, resolveOptions } from './resolve.js';
import type { ListedPlugin, OptionTable } from './table.js';

const plugin = { name: 'x', setup() {} };

test('the generated interface is exactly the table', () => {
  expectTypeOf<Omit<ObservabilityOptions, 'plugins'>>().toEqualTypeOf<Omit<Inputs<OptionTable>, 'plugins'>>();
  // Options stand below the plugin contract: their table knows a plugin by its name and its setup only.
  expectTypeOf<ObservabilityOptions['plugins']>().toEqualTypeOf<readonly ObservabilityPlugin[] | undefined>();
  expectTypeOf<ObservabilityPlugin>().toExtend<ListedPlugin>();
  expectTypeOf<ListedPlugin>().toExtend<ObservabilityPlugin>();
});

describe('precedence', () => {
  test('code, then environment, then config file, then default', () => {
    const environment = { OTEL_SERVICE_NAME: 'env', OTEL_TRACES_SAMPLER_ARG: '0.5' };
    const file = { serviceName: 'file', traces: { samplingRatio: 0.1, exporter: 'console' } } as const;
    const { options, sources } = resolveOptions({ serviceName: 'code' }, environment, file);
    expect(options.serviceName).toBe('code');
    expect(options.traces.samplingRatio).toBe(0.5);
    expect(options.traces.exporter).toBe('console');
    expect(options.metrics.runtime).toBe(true);
    expect(sources).toMatchObject({
      serviceName: 'code',
      'traces.samplingRatio': 'environment OTEL_TRACES_SAMPLER_ARG',
      'traces.exporter': 'config file',
      'metrics.runtime': 'default',
    });
  });

  test('a group that can be false says whether it was given as a whole, also without members', () => {
    const given = (code: object, file?: object) => resolveOptions(code, {}, file).sources['metrics.push'];
    expect(given({})).toBeUndefined();
    expect(given({ metrics: { push: {} } })).toBe('code');
    expect(given({ metrics: { push: undefined } }, { metrics: { push: {} } })).toBe('config file');
    expect(given({ metrics: { push: false } }, { metrics: { push: {} } })).toBe('code');
    expect(given({}, { metrics: { push: 'http://collector:4318' } })).toBeUndefined();
  });

  test("a signal's own variable goes before the general one, which gets the signal's path", () => {
    const general = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318/' };
    expect(resolveOptions({}, general).options.traces.endpoint).toBe('http://collector:4318/v1/traces');
    expect(resolveOptions({}, general).options.logs.endpoint).toBe('http://collector:4318/v1/logs');
    const own = { ...general, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://tempo:4318/x' };
    expect(resolveOptions({}, own).options.traces.endpoint).toBe('http://tempo:4318/x');
  });

  test.each([
    ['http://c:4318?db=x', 'http://c:4318/v1/traces?db=x'],
    ['http://c:4318/?db=x/', 'http://c:4318/v1/traces?db=x/'],
    ['https://c/otlp/?api=1&b=2', 'https://c/otlp/v1/traces?api=1&b=2'],
    ['https://c/otlp//', 'https://c/otlp/v1/traces'],
  ])('the query of the general endpoint %s stays behind the path', (given, expected) => {
    const { options } = resolveOptions({}, { OTEL_EXPORTER_OTLP_ENDPOINT: given });
    expect(options.traces.endpoint).toBe(expected);
  });

  test('an undefined option counts as unset', () => {
    const { options } = resolveOptions({ serviceName: undefined }, { OTEL_SERVICE_NAME: 'env' });
    expect(options.serviceName).toBe('env');
  });

  test('resource attributes add up, code over environment over config file', () => {
    const { options } = resolveOptions(
      { resourceAttributes: { a: 'code' } },
      { OTEL_RESOURCE_ATTRIBUTES: 'a=env,b=env%20b' },
      { resourceAttributes: { b: 'file', c: 'file' } },
    );
    expect(options.resourceAttributes).toEqual({ a: 'code', b: 'env b', c: 'file' });
  });

  test('a resource attribute without a value counts as unset', () => {
    const { options, warnings } = resolveOptions({}, { OTEL_RESOURCE_ATTRIBUTES: 'team=,k8s.pod.name=a-1' });
    expect(options.resourceAttributes).toEqual({ 'k8s.pod.name': 'a-1' });
    expect(warnings).toEqual([]);
  });

  test('metrics.endpoint: false switches it off wherever it is said', () => {
    expect(resolveOptions({ metrics: { endpoint: false } }).options.metrics.endpoint).toBe(false);
    expect(resolveOptions({}, {}, { metrics: { endpoint: false } }).options.metrics.endpoint).toBe(false);
    const on = resolveOptions({ metrics: { endpoint: { port: 1 } } }, {}, { metrics: { endpoint: false } });
    expect(on.options.metrics.endpoint).toMatchObject({ port: 1, path: '/metrics' });
  });
});

describe('wrong options in code throw at once', () => {
  const cases: [string, unknown, string, RegExp][] = [
    [
      'an unknown option',
      { servceName: 'x' },
      'OBS_OPTION_UNKNOWN',
      /'servceName' does not exist; did you mean 'serviceName'/,
    ],
    ['an unknown nested option', { traces: { exportr: 'otlp' } }, 'OBS_OPTION_UNKNOWN', /'traces\.exporter'/],
    ['one that resembles nothing', { zzzzzzzzzz: 1 }, 'OBS_OPTION_UNKNOWN', /known here: enabled/],
    ['a wrong type', { serviceName: 7 }, 'OBS_OPTION_INVALID', /'serviceName' takes a string.*got 7/],
    ['an empty name', { serviceName: ' ' }, 'OBS_OPTION_INVALID', /not empty/],
    [
      '"false" as a boolean',
      { enabled: 'false' },
      'OBS_OPTION_INVALID',
      /takes true or false; it got 'false'/,
    ],
    [
      'an unknown exporter',
      { traces: { exporter: 'zipkin' } },
      'OBS_OPTION_INVALID',
      /'otlp', 'console', 'none', or a SpanExporter/,
    ],
    [
      'a port that cannot be',
      { metrics: { endpoint: { port: 70_000 } } },
      'OBS_OPTION_INVALID',
      /whole number from 0 to 65535/,
    ],
    ['half a port', { metrics: { endpoint: { port: 80.5 } } }, 'OBS_OPTION_INVALID', /whole number/],
    ['a port as text', { metrics: { endpoint: { port: '9464' } } }, 'OBS_OPTION_INVALID', /whole number/],
    ['true for a group', { metrics: { endpoint: true } }, 'OBS_OPTION_INVALID', /must be an object/],
    ['a ratio above 1', { traces: { samplingRatio: 50 } }, 'OBS_OPTION_INVALID', /from 0 to 1/],
    ['NaN', { traces: { samplingRatio: Number.NaN } }, 'OBS_OPTION_INVALID', /from 0 to 1/],
    ['an endpoint that is no URL', { traces: { endpoint: 'localhost:4318' } }, 'OBS_OPTION_INVALID', /http/],
    ['an unknown propagator', { traces: { propagators: ['w3c'] } }, 'OBS_OPTION_INVALID', /'tracecontext'/],
    [
      'an unknown log level',
      { logs: { level: 'fatal' } },
      'OBS_OPTION_INVALID',
      /'error', 'warning', 'warn'/,
    ],
    ['a plugin that was not called', { plugins: [() => plugin] }, 'OBS_PLUGIN_INVALID', /call it/],
    ['a plugin without setup', { plugins: [{ name: 'x' }] }, 'OBS_PLUGIN_INVALID', /plugins\[0\]/],
    [
      'something that is no instrumentation',
      { instrumentations: [{}] },
      'OBS_OPTION_INVALID',
      /instrumentations/,
    ],
    ['options that are no object', 'orders', 'OBS_OPTION_INVALID', /must be an object/],
    ['an array of options', [], 'OBS_OPTION_INVALID', /must be an object/],
  ];
  test.each(cases)('%s', (_name, options, code, message) => {
    let thrown: unknown;
    try {
      resolveOptions(options as ObservabilityOptions);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(ObservabilityError);
    expect((thrown as ObservabilityError).code).toBe(code);
    expect((thrown as ObservabilityError).message).toMatch(message);
    expect((thrown as ObservabilityError).fix).not.toBe('');
  });

  test('the message shows a long value shortened', () => {
    expect(() => resolveOptions({ traces: { endpoint: 'x'.repeat(500) } })).toThrow(/x{40}…/);
  });
});

describe('wrong environment variables warn and fall through', () => {
  const cases: [string, string][] = [
    ['OTEL_SDK_DISABLED', 'yes'],
    ['OTEL_TRACES_EXPORTER', 'zipkin'],
    ['OTEL_TRACES_SAMPLER', 'sometimes'],
    ['OTEL_TRACES_SAMPLER_ARG', 'half'],
    ['OTEL_PROPAGATORS', 'w3c'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team'],
    ['OTEL_RESOURCE_ATTRIBUTES', '=x'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'team=%E0%A4%A'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4318'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'authorization'],
    ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '1e99'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'Infinity'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', 'NaN'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '0.5'],
    ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '1e99'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'Infinity'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', 'NaN'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '0.5'],
    ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '10s'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '1e99'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', 'Infinity'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', 'NaN'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '0.5'],
    ['OTEL_EXPORTER_OTLP_LOGS_TIMEOUT', '10s'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '0'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '-1'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '1e99'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'Infinity'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', 'NaN'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '0.5'],
    ['OTEL_EXPORTER_OTLP_METRICS_TIMEOUT', '10s'],
    ['OTEL_EXPORTER_PROMETHEUS_PORT', '99999'],
    ['OTEL_BSP_MAX_QUEUE_SIZE', '0'],
    ['OTEL_LOGS_EXPORTER', 'loki'],
    ['LOG_LEVEL', 'fatal'],
  ];
  test.each(cases)('%s=%s', (name, text) => {
    const { options, warnings } = resolveOptions({}, { [name]: text });
    expect(options).toEqual(resolveOptions().options);
    expect(warnings.length).toBeGreaterThan(0);
    expect(warnings[0]?.code).toBe('OBS_ENVIRONMENT_INVALID');
    expect(warnings[0]?.message).toContain(`${name}=`);
  });

  test('"false" is false, "TRUE" is true, empty is unset', () => {
    expect(resolveOptions({}, { OTEL_SDK_DISABLED: 'false' }).options.enabled).toBe(true);
    expect(resolveOptions({}, { OTEL_SDK_DISABLED: 'TRUE' }).options.enabled).toBe(false);
    expect(resolveOptions({}, { OTEL_SDK_DISABLED: '' }).warnings).toEqual([]);
  });

  test('a wrong variable lets the next one count', () => {
    const { options } = resolveOptions(
      {},
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'nonsense', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4318' },
    );
    expect(options.traces.endpoint).toBe('http://c:4318/v1/traces');
  });
});

describe('files of an OTLP connection', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-pem-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const certificate = file('ca.crt', '# ours\n-----BEGIN CERTIFICATE-----\n');
  const key = file('tls.key', '-----BEGIN EC PRIVATE KEY-----\n');
  const missing = join(folder, 'nowhere.crt');

  test('the general variable counts for every signal, the own one before it', () => {
    const { options, warnings } = resolveOptions(
      {},
      {
        OTEL_EXPORTER_OTLP_CERTIFICATE: certificate,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: certificate,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
        OTEL_EXPORTER_OTLP_LOGS_CERTIFICATE: file('logs.crt', '-----BEGIN TRUSTED CERTIFICATE-----\n'),
      },
    );
    const files = { certificate, clientCertificate: certificate, clientKey: key };
    expect(options.traces).toMatchObject(files);
    expect(options.metrics.push).toMatchObject(files);
    expect(options.logs).toMatchObject({ ...files, certificate: join(folder, 'logs.crt') });
    expect(warnings).toEqual([]);
  });

  test('one that is missing, or is something else, is said', () => {
    const { options, warnings } = resolveOptions(
      {},
      { OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE: missing, OTEL_EXPORTER_OTLP_LOGS_CLIENT_KEY: certificate },
    );
    expect(options.traces.certificate).toBeUndefined();
    expect(options.logs.clientKey).toBeUndefined();
    expect(warnings.map(({ code }) => code)).toEqual(['OBS_ENVIRONMENT_INVALID', 'OBS_ENVIRONMENT_INVALID']);
    expect(warnings[0]?.message).toMatch(/_TRACES_CERTIFICATE=.*takes a file that can be read \(ENOENT\)/);
    expect(warnings[1]?.message).toMatch(/_LOGS_CLIENT_KEY=.*takes a PEM file with a private key/);
    expect(() => resolveOptions({ traces: { certificate: missing } })).toThrow(
      /^Option 'traces.certificate' takes a file that can be read \(ENOENT\)/,
    );
  });

  test('what may be a password is not said', () => {
    const { warnings } = resolveOptions({}, { OTEL_EXPORTER_OTLP_HEADERS: 'Basic c2VjcmV0' });
    expect(warnings).not.toHaveLength(0);
    for (const { message } of warnings) expect(message).not.toContain('c2VjcmV0');
  });
});

test('a wrong config file warns and falls through', () => {
  const file = { serviceName: 7, typo: 1, traces: { samplingRatio: 2 } } as unknown as ObservabilityOptions;
  const { options, warnings } = resolveOptions({}, {}, file);
  expect(options).toEqual(resolveOptions().options);
  expect(warnings.map((warning) => warning.code)).toEqual(Array(3).fill('OBS_CONFIG_FILE_INVALID'));
});

describe('protocols of OTLP', () => {
  const settled = (env: Record<string, string>, code = {}) => {
    const { options, sources, warnings } = resolveOptions(code, env);
    const { traces, logs, metrics } = options;
    const push = metrics.push as Exclude<typeof metrics.push, false>;
    return {
      ways: [traces, logs, push].map(({ protocol, endpoint }) => `${protocol} ${endpoint}`),
      source: sources['traces.protocol'],
      warnings: warnings.map(({ message }) => message),
    };
  };

  test('protobuf over HTTP, where nothing is named', () => {
    expect(settled({}).ways).toEqual(
      ['traces', 'logs', 'metrics'].map((signal) => `http/protobuf http://localhost:4318/v1/${signal}`),
    );
  });

  test('one for all signals, and one for each', () => {
    const { ways } = settled({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_EXPORTER_OTLP_LOGS_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://metrics:443/ignored',
    });
    expect(ways).toEqual([
      'grpc http://localhost:4317',
      'http/json http://localhost:4318/v1/logs',
      'grpc https://metrics',
    ]);
  });

  test('the port of gRPC stands for gRPC, unless a protocol is named', () => {
    const found = settled({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo:4317' });
    expect(found.ways).toEqual(Array(3).fill('grpc http://tempo:4317'));
    expect(found.source).toBe('port of the endpoint');
    const named = { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' };
    expect(settled({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://tempo:4317', ...named }).ways[0]).toBe(
      'http/protobuf http://tempo:4317/v1/traces',
    );
    expect(settled({}, { traces: { endpoint: 'http://tempo:4317' } }).ways[0]).toBe('grpc http://tempo:4317');
  });

  test('an unknown one is said with those that there are, and the default is used', () => {
    const { ways, warnings } = settled({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http' });
    expect(ways[0]).toBe('http/protobuf http://localhost:4318/v1/traces');
    expect(warnings[0]).toBe(
      "OTEL_EXPORTER_OTLP_PROTOCOL='http' is ignored: it takes one of 'http/protobuf', 'http/json', 'grpc'.",
    );
  });
});
