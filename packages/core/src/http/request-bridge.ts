import type { ServerResponse } from 'node:http';
import type { Context } from '@opentelemetry/api';

/** What HTTP asks of the bridge from hand-made trace headers. */
export interface RequestBridge {
  /** Writes the id of a trace into a response before the service answers; undefined if responses carry no id. */
  readonly writeId: ((response: ServerResponse, context: Context) => void) | undefined;
}
