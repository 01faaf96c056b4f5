/** What goes to `next` is an error, save for nothing and the words that leave a route or a router. */
export function isRoutingError(value: unknown): boolean {
  return Boolean(value) && value !== 'route' && value !== 'router';
}
