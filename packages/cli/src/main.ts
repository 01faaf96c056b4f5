/*
 * The command `throughline`. Each of its commands is a file in cli/, loaded when it is asked for.
 */
import { commands } from './commands.js';
import { processIo } from './command-line/process-io.js';
import { runCommandLine } from './command-line/run.js';

const io = processIo();
const exitCode = await runCommandLine(commands, process.argv.slice(2), io);
await io.close();
// What a command loaded, such as a module of the service, may hold the process with timers or servers.
process.exit(exitCode);
