import { type Context, context, type TextMapPropagator, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { grpcStatusName } from '../model/grpc-status.js';
import { patchOnce } from '../patching/patch-once.js';
import type { ModulePatch } from '../plugin/modules.js';
import { ClientCall } from './client-call.js';
import type { RpcMetrics } from './rpc-metrics.js';

/** The parts of `@grpc/grpc-js` that are used here. */
interface GrpcModule {
  readonly Channel: { readonly prototype: GrpcChannel };
}
interface GrpcChannel {
  createCall(this: GrpcChannel, method: string, ...rest: unknown[]): GrpcCall;
  getTarget(): string;
}
interface GrpcMetadata {
  clone(): GrpcMetadata;
  set(name: string, value: string): void;
}
interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}
interface GrpcListener {
  onReceiveMetadata(metadata: unknown): void;
  onReceiveMessage(message: unknown): void;
  onReceiveStatus(status: GrpcStatus): void;
}
interface GrpcCall {
  start(metadata: GrpcMetadata, listener: GrpcListener): void;
}

export interface GrpcClientParts {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly metrics: RpcMetrics;
  /** Whether calls to this target carry trace headers. */
  readonly isCarriedTo: (host: string, port: number | undefined, method: string) => boolean;
}

/**
 * Observes the calls of all clients of `@grpc/grpc-js`, existing and future ones. Every kind of call is created by the channel,
 * in the context of its caller; what happens later comes from events of the connection.
 */
export function grpcClientPatch(parts: GrpcClientParts): ModulePatch {
  return {
    name: '@grpc/grpc-js',
    supportedVersions: ['>=1.0.0 <2'],
    patch(moduleExports) {
      const { prototype } = (moduleExports as GrpcModule).Channel;
      return patchOnce(prototype, 'rpc', (patch) =>
        patch.replace(
          prototype,
          'createCall',
          (createCall) =>
            function createObservedCall(this: GrpcChannel, method, ...rest) {
              const call = createCall.call(this, method, ...rest);
              const caller = context.active();
              if (!patch.active || isTracingSuppressed(caller)) return call;
              try {
                observe(call, method, this.getTarget(), caller, parts);
              } catch {
                // The call works without being observed.
              }
              return call;
            },
        ),
      );
    },
  };
}

function observe(
  call: GrpcCall,
  path: string,
  target: string,
  caller: Context,
  { tracer, propagator, metrics, isCarriedTo }: GrpcClientParts,
): void {
  const { start } = call;
  call.start = function startObserved(this: GrpcCall, metadata, listener) {
    let observed: ClientCall;
    let carried = metadata;
    try {
      const method = path.replace(/^\//, '');
      const { host, port } = addressOf(target);
      const about = { system: 'grpc', method, serverAddress: host, serverPort: port } as const;
      observed = new ClientCall(tracer, metrics, about, caller);
      if (isCarriedTo(host, port, path)) {
        // The service may use its metadata for several calls.
        carried = metadata.clone();
        propagator.inject(observed.context, carried, metadataSetter);
      }
    } catch {
      return Reflect.apply(start, this, [metadata, listener]);
    }
    // What the service does with an answer belongs to the caller's context, not to the connection's.
    return Reflect.apply(start, this, [
      carried,
      {
        onReceiveMetadata: (received: unknown) =>
          context.with(caller, listener.onReceiveMetadata, listener, received),
        onReceiveMessage: (message: unknown) =>
          context.with(caller, listener.onReceiveMessage, listener, message),
        onReceiveStatus(status: GrpcStatus) {
          const statusCode = grpcStatusName(status.code);
          const isOk = statusCode === 'OK';
          observed.end(statusCode, isOk ? undefined : statusCode, isOk ? undefined : failureOf(status));
          context.with(caller, listener.onReceiveStatus, listener, status);
        },
      },
    ]);
  };
}

const metadataSetter = {
  set: (metadata: GrpcMetadata, name: string, value: string) => metadata.set(name, value),
};

function failureOf({ details }: GrpcStatus): Error {
  const error = new Error(details);
  // It says where this is made, not where the call is.
  Object.defineProperty(error, 'stack', { value: undefined });
  return error;
}

/** `dns:orders.shop:50051`, `ipv4:10.0.0.1:80`, `unix:/run/orders.sock`, `dns://8.8.8.8/orders:50051`. */
export function addressOf(target: string): { readonly host: string; readonly port: number | undefined } {
  if (/^unix(?:-abstract)?:/.test(target))
    return { host: target.replace(/^[^:]+:(?:\/\/)?/, ''), port: undefined };
  const endpoint = target.replace(/^[a-z][a-z0-9+.-]*:(?:\/\/[^/]*\/)?(?!\d+$)/i, '').split(',', 1)[0] ?? '';
  const [, host = endpoint, port] = /^(.*):(\d+)$/.exec(endpoint) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? undefined : Number(port) };
}
