/*
 * Preloaded into every Node process of a service that `throughline doctor -- <command>` starts. It waits until the
 * service is up, asks it for its diagnosis, and leaves the answer in a file for the command.
 */
import { isMainThread } from 'node:worker_threads';
import { leaveReport } from './probe-report.js';

// The service must not find this file in its module cache.
delete require.cache[__filename];
const settings = process.env.THROUGHLINE_DOCTOR;
if (settings !== undefined && isMainThread) leaveReport(JSON.parse(settings));
