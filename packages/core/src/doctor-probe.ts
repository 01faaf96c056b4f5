/*
 * Preloaded into every Node process of a service that `throughline doctor -- <command>` starts. It waits until the
 * service is up, asks it for its diagnosis, and leaves that in a file for the command.
 */
import { isMainThread } from 'node:worker_threads';
import { leaveReport } from './instance/start-report.js';

// The command's own copy of this package is none of the service's.
delete require.cache[__filename];
const settings = process.env.THROUGHLINE_DOCTOR;
if (settings !== undefined && isMainThread) leaveReport(JSON.parse(settings));
