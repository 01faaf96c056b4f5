/*
 * The entry for `node --import @throughline/core/register`. This module and register-require.ts are the only ones of
 * this package that do something when they are loaded.
 */
import { createRequire } from 'node:module';
import { preload } from './register/preload.js';

const start = preload();
// npm and its like are not to load what they do not need. As CommonJS, because plugins, and most services, load core in
// that form: so it is loaded once.
if (start) start(createRequire(import.meta.url)('./observe-process.cjs').observeProcess);
