/**
 * What an author of a plugin needs: the types of the contract, and functions for patching. A service needs nothing of
 * this; it passes plugins to `initObservability`. docs/writing-a-plugin.md shows a plugin from start to end.
 *
 * The functions have no state, so that it does not matter how many copies of them a process loads.
 *
 * @packageDocumentation
 */
export type { Identity } from './model/identity.js';
export type { ResolvedOptions } from './options/resolve.js';
export { followCall, followPromise, isThenable } from './patching/follow-promise.js';
export { messageNotProcessed } from './patching/message-not-processed.js';
export { type BundledNest, type NestFramework, observeNest } from './patching/nest-exceptions.js';
export { isPatched, type Patch, patchOnce } from './patching/patch-once.js';
export { exported, exportedPrototype, prototypeWith } from './patching/prototypes.js';
export { type Method, replaceMethod } from './patching/replace-method.js';
export { runInOperation, tryStart } from './patching/run-in-operation.js';
export type * from './plugin/control.js';
export type * from './plugin/databases.js';
export type * from './plugin/exports.js';
export type * from './plugin/http.js';
export type * from './plugin/messaging.js';
export type * from './plugin/modules.js';
export type * from './plugin/plugin.js';
export type * from './plugin/work.js';
