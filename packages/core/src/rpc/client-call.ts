import { type Attributes, type Context, type Span, SpanKind, type Tracer, trace } from '@opentelemetry/api';
import { recordException, setErrorStatus } from '../model/foreign-error.js';
import type { RpcMeasurement, RpcMetrics } from './rpc-metrics.js';

/** What is known of a call when it starts. */
export interface ClientCallStart {
  readonly system: RpcMeasurement['system'];
  readonly method: string;
  readonly serverAddress?: string | undefined;
  readonly serverPort?: number | undefined;
}

/** The span and the measurement of one call that the service makes. */
export class ClientCall {
  readonly span: Span;
  /** The context whose span this is. */
  readonly context: Context;
  private readonly startMillis = performance.now();
  private ended = false;

  constructor(
    tracer: Tracer,
    private readonly metrics: RpcMetrics,
    private readonly start: ClientCallStart,
    parent: Context,
  ) {
    const { system, method, serverAddress, serverPort } = start;
    const attributes: Attributes = { 'rpc.system.name': system, 'rpc.method': method };
    if (serverAddress !== undefined) attributes['server.address'] = serverAddress;
    if (serverPort !== undefined) attributes['server.port'] = serverPort;
    this.span = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes }, parent);
    this.context = trace.setSpan(parent, this.span);
  }

  /**
   * @param errorType undefined for success
   * @param error what was thrown, if anything was
   */
  end(statusCode: string | undefined, errorType: string | undefined, error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    const { span, start } = this;
    if (statusCode !== undefined) span.setAttribute('rpc.response.status_code', statusCode);
    if (errorType !== undefined) {
      span.setAttribute('error.type', errorType);
      if (error !== undefined) recordException(span, error);
      setErrorStatus(span, error);
    }
    span.end();
    this.metrics.client({
      system: start.system,
      method: start.method,
      statusCode,
      errorType,
      durationSeconds: (performance.now() - this.startMillis) / 1000,
      span,
      serverAddress: start.serverAddress,
      serverPort: start.serverPort,
    });
  }
}
