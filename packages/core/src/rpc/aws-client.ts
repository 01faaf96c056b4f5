import { context, type Tracer } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { callFailure } from '../model/call-failure.js';
import { errorType, propertyOf } from '../model/foreign-error.js';
import { followCall } from '../patching/follow-promise.js';
import { patchOnce } from '../patching/patch-once.js';
import type { ModulePatch } from '../plugin/modules.js';
import { ClientCall } from './client-call.js';
import type { RpcMetrics } from './rpc-metrics.js';

/** The parts of the AWS SDK's base class of all clients that are used here. */
interface AwsClient {
  send(this: AwsClient, command: object, ...rest: unknown[]): unknown;
  readonly config?: { readonly serviceId?: unknown };
}

/**
 * Observes every command of every client of the AWS SDK 3, existing and future ones. The SDK's HTTP requests, one for each
 * attempt, are children of the span.
 * https://opentelemetry.io/docs/specs/semconv/cloud-providers/aws-sdk/
 */
export function awsClientPatches(tracer: Tracer, metrics: RpcMetrics): readonly ModulePatch[] {
  const patch = (moduleExports: unknown) => {
    const { Client } = moduleExports as { readonly Client?: { readonly prototype: AwsClient } };
    if (!Client) return undefined;
    return patchOnce(Client.prototype, 'rpc', (patch) =>
      patch.replace(
        Client.prototype,
        'send',
        (send) =>
          function sendObserved(this: AwsClient, command, ...rest) {
            const caller = context.active();
            if (!patch.active || isTracingSuppressed(caller)) return send.call(this, command, ...rest);
            return observedSend(this, send, command, rest, tracer, metrics);
          },
      ),
    );
  };
  return [
    // The class has moved twice; the oldest place first.
    { name: '@aws-sdk/smithy-client', supportedVersions: ['>=3.0.0'], patch },
    { name: '@smithy/smithy-client', supportedVersions: ['>=1.0.0'], patch },
    {
      name: '@smithy/core',
      file: 'dist-cjs/submodules/client/index.js',
      supportedVersions: ['>=1.0.0'],
      patch,
    },
  ];
}

function observedSend(
  client: AwsClient,
  send: AwsClient['send'],
  command: object,
  rest: unknown[],
  tracer: Tracer,
  metrics: RpcMetrics,
): unknown {
  let call: ClientCall;
  try {
    call = new ClientCall(
      tracer,
      metrics,
      { system: 'aws-api', method: methodOf(client, command) },
      context.active(),
    );
  } catch {
    return send.call(client, command, ...rest);
  }
  const succeed = (output: unknown) => {
    const metadata = propertyOf(output, '$metadata');
    describe(call, metadata);
    call.end(undefined, undefined);
  };
  const fail = (error: unknown) => {
    describe(call, propertyOf(error, '$metadata'));
    const failure = callFailure(error);
    call.end(undefined, failure === undefined ? undefined : errorType(failure), failure);
  };
  // send(command, callback) and send(command, options, callback)
  const last = rest.findIndex((argument) => typeof argument === 'function');
  if (last >= 0) {
    const callback = rest[last] as (...results: unknown[]) => unknown;
    const caller = context.active();
    const given = [...rest];
    given[last] = (error: unknown, output: unknown) => {
      if (error) fail(error);
      else succeed(output);
      return context.with(caller, () => callback(error, output));
    };
    return context.with(call.context, () => send.call(client, command, ...given));
  }
  return followCall(
    () => context.with(call.context, () => send.call(client, command, ...rest)),
    succeed,
    fail,
  );
}

/** `DynamoDB/GetItem` */
function methodOf(client: AwsClient, command: object): string {
  const service = client.config?.serviceId;
  const name = command.constructor.name.replace(/Command$/, '');
  return `${typeof service === 'string' ? service : 'AWS'}/${name}`;
}

function describe({ span }: ClientCall, metadata: unknown): void {
  const requestId = propertyOf(metadata, 'requestId');
  const status = propertyOf(metadata, 'httpStatusCode');
  if (typeof requestId === 'string') span.setAttribute('aws.request_id', requestId);
  if (typeof status === 'number') span.setAttribute('http.response.status_code', status);
}
