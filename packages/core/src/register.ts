/*
 * The entry for `node --import @throughline/core/register` and `--require`. The only module of this package
 * that does something when it is loaded.
 */
import { initObservability } from './entry.js';

initObservability();
