/**
 * What authors of plugins need: the contract, and the kit for patching. Nothing here has state, so that a plugin may
 * load it as an ES module while the service loads core as CommonJS.
 */
export { followCall, followPromise, isThenable } from './patching/follow-promise.js';
export { isPatched, type Patch, patchOnce } from './patching/patch-once.js';
export { exported, exportedPrototype, prototypeWith } from './patching/prototypes.js';
export { type Method, replaceMethod } from './patching/replace-method.js';
export type * from './plugin/plugin.js';
