/*
 * The entry for `node --require @throughline/core/register`, which has to be done before the service begins and can
 * wait for nothing. Its file in `dist` is register.cjs.
 */
import { preload } from './register/preload.js';

// The bundler leaves this as it is: the file is loaded on use, from where this one is.
declare const module: NodeJS.Module;

const start = preload();
if (start) start(module.require('./observe-process.cjs').observeProcess);
