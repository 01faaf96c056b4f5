import { SpanKind } from '@opentelemetry/api';
import type { CapturedObservability } from '@throughline/core/testing';

type Span = CapturedObservability['spans'][number];

/** What one request got, and what was recorded of it. */
export interface Exchange {
  readonly status: number;
  readonly text: string;
  readonly span: Span;
  readonly route: unknown;
  /** Class and message of each exception that was recorded. */
  readonly exceptions: readonly string[];
}

/** Sends requests to a server of this process, and waits for their spans. */
export function exchanges(captured: CapturedObservability, origin: string) {
  return async (path: string, init?: RequestInit): Promise<Exchange> => {
    const earlier = new Set(captured.spans);
    const response = await fetch(origin + path, init);
    const text = await response.text();
    const pathname = path.split('?', 1)[0];
    const span = await captured.waitForSpan(
      (each) =>
        each.kind === SpanKind.SERVER && each.attributes['url.path'] === pathname && !earlier.has(each),
    );
    return {
      status: response.status,
      text,
      span,
      route: span.attributes['http.route'],
      exceptions: span.events.map(
        ({ attributes }) => `${attributes?.['exception.type']}: ${attributes?.['exception.message']}`,
      ),
    };
  };
}
