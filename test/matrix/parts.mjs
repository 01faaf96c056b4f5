import { createServer } from 'node:http';
import { onLoopback } from '../../scripts/parts/otlp-intake.mjs';

export { startIntake } from '../../scripts/parts/otlp-intake.mjs';

/** Answers every request with the traceparent that it carried. */
export function startEcho() {
  const server = createServer((request, response) => {
    request.resume();
    response.end(request.headers.traceparent ?? '');
  });
  return onLoopback(server);
}
