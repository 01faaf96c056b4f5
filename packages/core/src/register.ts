/*
 * The entry for `node --import @throughline/core/register`. This module and register-require.ts are the only ones of
 * this package that do something when they are loaded.
 */
import { preload } from './register/preload.js';

const start = preload();
// npm and its like are not to load what they do not need.
if (start) start((await import('./register/observe-process.js')).observeProcess);
