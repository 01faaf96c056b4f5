import type { ServerResponse } from 'node:http';
import type { Context, Span } from '@opentelemetry/api';

/** What HTTP asks of the bridge from hand-made trace headers. */
export interface RequestBridge {
  /** Remembers which old headers the application has put on the call of a span, where the propagator cannot see them. */
  noteCallHeaders(span: Span, has: (name: string) => boolean): void;
  /** Writes the id of a trace into a response before the service answers; undefined where responses carry no id. */
  readonly writeId: ((response: ServerResponse, context: Context) => void) | undefined;
}
