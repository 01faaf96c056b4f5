/*
 * The command `throughline`.
 */
import { processIo } from './command-line/process-io.js';
import { runCommandLine } from './command-line/run.js';
import { commands } from './commands.js';

const io = processIo();
const exitCode = await runCommandLine(commands, process.argv.slice(2), io);
await io.close();
// A module of the service that a command has loaded may keep the process alive with timers or servers.
process.exit(exitCode);
