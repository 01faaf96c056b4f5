import { grpcPort } from './otlp-options.js';

interface OtlpMembers {
  readonly protocol: 'http/protobuf' | 'http/json' | 'grpc';
  readonly endpoint: string;
}

/**
 * What one signal's protocol and endpoint say of each other: the port of gRPC stands for that protocol where no protocol
 * is named, and gRPC has a port of its own and no path.
 *
 * @param prefix of the names of these options; the source of a protocol that follows from the port is noted
 */
export function settleProtocol<O extends OtlpMembers>(
  options: O,
  prefix: string,
  sources: Record<string, string>,
): O {
  const isNamed = sources[`${prefix}.protocol`] !== 'default';
  const hasGrpcPort = new URL(options.endpoint).port === String(grpcPort);
  if (!isNamed && hasGrpcPort) sources[`${prefix}.protocol`] = 'port of the endpoint';
  if (options.protocol !== 'grpc' && (isNamed || !hasGrpcPort)) return options;
  const endpoint =
    sources[`${prefix}.endpoint`] === 'default'
      ? `http://localhost:${grpcPort}`
      : new URL(options.endpoint).origin;
  return { ...options, protocol: 'grpc', endpoint };
}
