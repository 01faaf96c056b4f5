/** What a service needs to know to send its telemetry here. */
export interface ServiceEnvironment {
  /** The variables for the service. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Variables of the caller's environment that would send telemetry elsewhere, and are therefore not passed on. */
  readonly replaced: readonly string[];
}

const otlpVariable = /^OTEL_EXPORTER_OTLP_/;

/**
 * The environment of a service that sends here. Whatever the caller's environment says about OTLP is replaced; for the
 * rest, the caller's own value wins.
 */
export function serviceEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  {
    endpoint,
    serviceName,
    metricsPort,
    controlToken,
  }: {
    readonly endpoint: string;
    readonly serviceName: string | undefined;
    readonly metricsPort: number;
    readonly controlToken: string;
  },
): ServiceEnvironment {
  const kept = Object.entries(environment).filter(([name]) => !otlpVariable.test(name));
  return {
    replaced: Object.keys(environment)
      .filter((name) => otlpVariable.test(name))
      .sort(),
    variables: {
      // Traces and lines are to be seen at once.
      OTEL_BSP_SCHEDULE_DELAY: '300',
      OTEL_BLRP_SCHEDULE_DELAY: '300',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
      OTEL_EXPORTER_PROMETHEUS_HOST: '127.0.0.1',
      OTEL_EXPORTER_PROMETHEUS_PORT: String(metricsPort),
      // Opens the diagnosis of the service, on its metrics port.
      THROUGHLINE_CONTROL_TOKEN: controlToken,
      ...Object.fromEntries(kept.filter(([, value]) => value !== undefined && value !== '')),
      ...(serviceName === undefined ? {} : { OTEL_SERVICE_NAME: serviceName }),
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
    },
  };
}
