import type { ComponentChildren } from 'preact';

/** What stands where there is nothing to show. */
export function Message({ error, children }: { error?: string | undefined; children?: ComponentChildren }) {
  return <p class={error === undefined ? 'message' : 'message error-text'}>{error ?? children}</p>;
}
