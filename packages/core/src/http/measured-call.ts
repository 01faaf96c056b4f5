import type { Span } from '@opentelemetry/api';
import { recordDuration } from '../recorder/span/recorded-duration.js';
import { endedSeconds } from '../recorder/span/span-clock.js';
import type { ClientMetrics, ClientRequestMeasurement } from './client-measurement.js';
import { clientErrorType, describeOutcome } from './client-outcome.js';
import type { ClientMethod, ClientTarget } from './client-target.js';
import { OpenResponse } from './unread-responses.js';

/** One outgoing call, whichever client makes it: what is measured of it, and its end. */
export abstract class MeasuredCall extends OpenResponse implements ClientRequestMeasurement {
  readonly method: string;
  readonly serverAddress: string;
  readonly serverPort: number;
  /** Undefined when no response came. */
  statusCode: number | undefined = undefined;
  /** Undefined when nothing failed. */
  error: unknown = undefined;
  errorType: string | undefined = undefined;
  durationSeconds = 0;
  span: Span | undefined = undefined;

  protected startMillis = 0;
  protected headersMillis = 0;
  protected isOver = false;

  abstract readonly settings: { readonly metrics: ClientMetrics };

  constructor(
    protected readonly kind: ClientMethod,
    { host, port }: ClientTarget,
  ) {
    super();
    this.method = kind.method;
    this.serverAddress = host;
    this.serverPort = port;
  }

  /** Nobody reads the body: the call was over for its caller when the headers came. */
  settle(): void {
    this.finish(this.headersMillis);
  }

  /** @param endMillis when it was over, if not now */
  protected finish(endMillis: number | undefined): void {
    if (this.isOver) return;
    this.isOver = true;
    this.errorType = clientErrorType(this);
    const { span, startMillis, statusCode } = this;
    const { metrics } = this.settings;
    if (span) describeOutcome(span, this, this.errorType);
    if (endMillis === undefined && this.errorType === undefined && statusCode !== undefined) {
      recordDuration(this.kind.seriesOf(statusCode, this, metrics), span, startMillis);
      return;
    }
    if (endMillis === undefined) this.durationSeconds = endedSeconds(span, startMillis);
    else {
      span?.end(endMillis);
      this.durationSeconds = (endMillis - startMillis) / 1000;
    }
    metrics.record(this);
  }
}
