/** A callback in Node's style, as the clients of SQL databases take one. */
export type QueryCallback = (this: unknown, error: unknown, ...rest: unknown[]) => unknown;
