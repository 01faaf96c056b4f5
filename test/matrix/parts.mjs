import { createServer } from 'node:http';
import { onLoopback } from '@throughline/testbed/otlp-intake';

export { startIntake } from '@throughline/testbed/otlp-intake';

/** Answers every request with the traceparent that it carried. */
export function startEcho() {
  const server = createServer((request, response) => {
    request.resume();
    response.end(request.headers.traceparent ?? '');
  });
  return onLoopback(server);
}
