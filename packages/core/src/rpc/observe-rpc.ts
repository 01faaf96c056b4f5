import type { TextMapPropagator, Tracer } from '@opentelemetry/api';
import type { Part } from '../model/part.js';
import type { PatchRecorder } from '../patching/patch-record.js';
import type { ModulePatch } from '../plugin/modules.js';
import { awsClientPatches } from './aws-client.js';
import { grpcClientPatch } from './grpc-client.js';
import type { RpcMetrics } from './rpc-metrics.js';

/** Which calls carry trace headers (`http.propagateTo`). */
interface CarryingCalls {
  carriedTo(target: {
    readonly host: string;
    readonly port: number | undefined;
    readonly url: string;
  }): boolean;
}

export interface RpcParts {
  readonly tracer: Tracer;
  readonly propagator: TextMapPropagator;
  readonly metrics: RpcMetrics;
  /** Undefined if all calls carry them. */
  readonly carrying: CarryingCalls | undefined;
  /** Stock instrumentations of the service: what they record is not recorded twice. */
  readonly stock: readonly { readonly instrumentationName?: string }[];
  readonly patch: (patch: ModulePatch, recorder: PatchRecorder) => () => void;
  readonly recorder: (owner: string) => PatchRecorder;
}

/** Spans, metrics and propagation for the calls of `@grpc/grpc-js` clients and of the AWS SDK. */
export function observeRpc({
  tracer,
  propagator,
  metrics,
  carrying,
  stock,
  patch,
  recorder,
}: RpcParts): Part {
  const isStock = (name: string) => stock.some(({ instrumentationName }) => instrumentationName === name);
  const undos: (() => void)[] = [];
  const apply = (owner: string, patches: readonly ModulePatch[]) => {
    const record = recorder(owner);
    for (const each of patches) undos.push(patch(each, record));
  };
  if (!isStock('@opentelemetry/instrumentation-grpc')) {
    const isCarriedTo = (host: string, port: number | undefined, path: string) =>
      carrying?.carriedTo({
        host,
        port,
        url: `grpc://${host}${port === undefined ? '' : `:${port}`}${path}`,
      }) ?? true;
    apply('grpc', [grpcClientPatch({ tracer, propagator, metrics, isCarriedTo })]);
  }
  if (!isStock('@opentelemetry/instrumentation-aws-sdk')) {
    apply('aws', awsClientPatches(tracer, metrics));
  }
  return {
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    },
  };
}
