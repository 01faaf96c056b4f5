/**
 * The methods that semantic conventions know; any other becomes `_OTHER`, so that a hostile client cannot make
 * series. https://opentelemetry.io/docs/specs/semconv/http/http-spans/ (http.request.method)
 */
const knownMethods = new Set([
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'CONNECT',
  'OPTIONS',
  'TRACE',
  'PATCH',
  'QUERY',
]);

export function methodLabel(method: string | undefined): string {
  return method !== undefined && knownMethods.has(method) ? method : '_OTHER';
}
