import type { Span } from '@opentelemetry/api';
import { RecordedSpan } from './span.js';

/**
 * Sets an attribute of Throughline's own that cannot hold a secret: an address, a port, a status. A short value needs none of
 * the checks that those of a service need.
 */
export function setKnown(span: Span, key: string, value: string | number): void {
  if (span instanceof RecordedSpan) span.setKnown(key, value);
  else span.setAttribute(key, value);
}
