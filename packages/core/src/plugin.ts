/**
 * What an author of a plugin needs: types only. A service needs nothing of this; it passes plugins to
 * `initObservability`. docs/writing-a-plugin.md shows a plugin from start to end.
 *
 * @packageDocumentation
 */
export type { Identity } from './model/identity.js';
export type { ResolvedOptions } from './options/resolve.js';
export type * from './plugin/plugin.js';
