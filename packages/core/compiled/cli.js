import {
  commandInvalid,
  exitCodes
} from "./chunk-UC54PIWG.js";
import {
  version
} from "./chunk-5UVLWR2H.js";
import {
  ObservabilityError,
  nearestName
} from "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/cli/commands.ts
var commands = {
  check: async () => (await import("./check-655VZOUQ.js")).default,
  doctor: async () => (await import("./doctor-X2J22YKN.js")).default,
  scan: async () => (await import("./scan-QAMG6B65.js")).default,
  slo: async () => (await import("./slo-22ZRGL3W.js")).default
};

// src/cli/process-io.ts
import { once } from "events";
import { createInterface } from "readline/promises";
import { text } from "stream/consumers";
import { styleText } from "util";
function processIo() {
  const { stdout, stderr, stdin } = process;
  for (const stream of [stdout, stderr]) {
    stream.on("error", () => {
    });
  }
  const coloured = stdout.isTTY === true && stdout.hasColors();
  return {
    out: (line) => stdout.write(`${line}
`),
    problem: (line) => stderr.write(`${line}
`),
    input: () => text(stdin),
    async confirm(question) {
      if (!stdin.isTTY) return void 0;
      const lines = createInterface({ input: stdin, output: stderr });
      const closed = once(lines, "close").then(() => "");
      const answer = await Promise.race([lines.question(`${question} [y/N] `), closed]);
      lines.close();
      return /^y(?:es)?$/i.test(answer.trim());
    },
    style: (style, plain) => coloured ? styleText(style, plain) : plain,
    // Longer lines are hard to read, however wide the terminal.
    width: Math.min(Math.max(stdout.columns || 100, 60), 120),
    folder: process.cwd(),
    /** Waits until all output is written: a pipe takes it later. */
    async close() {
      await Promise.all(
        [stdout, stderr].map((stream) => new Promise((resolve) => stream.write("", () => resolve())))
      );
    }
  };
}

// src/cli/run.ts
async function runCommandLine(commands2, args, io2) {
  try {
    return await dispatch(commands2, args, io2);
  } catch (error) {
    complain(error, io2);
    return exitCodes.failed;
  }
}
async function dispatch(commands2, args, io2) {
  const [first, ...rest] = args;
  if (first === "--version" || first === "-v") {
    io2.out(version);
    return exitCodes.ok;
  }
  if (first === "--help" || first === "-h" || first === "help" && rest.length === 0) {
    io2.out(await overview(commands2, io2));
    return exitCodes.ok;
  }
  if (first === void 0) {
    io2.problem(await overview(commands2, io2));
    return exitCodes.failed;
  }
  if (first === "help") {
    io2.out((await load(commands2, rest[0] ?? "")).usage);
    return exitCodes.ok;
  }
  const command = await load(commands2, first);
  if (asksForHelp(rest)) {
    io2.out(command.usage);
    return exitCodes.ok;
  }
  return command.run(rest, io2);
}
async function load(commands2, name) {
  const command = Object.hasOwn(commands2, name) ? commands2[name] : void 0;
  if (command) return command();
  if (name.startsWith("-")) throw commandInvalid(`Unknown option '${name}'; a command comes first`);
  const nearest = nearestName(name, Object.keys(commands2));
  throw commandInvalid(
    nearest === void 0 ? `There is no command '${name}'; there are: ${Object.keys(commands2).join(", ")}` : `There is no command '${name}'; did you mean '${nearest}'?`
  );
}
function asksForHelp(args) {
  const end = args.indexOf("--");
  return (end < 0 ? args : args.slice(0, end)).some((arg) => arg === "--help" || arg === "-h");
}
async function overview(commands2, io2) {
  const loaded = await Promise.all(Object.values(commands2).map((command) => command()));
  const width = Math.max(0, ...loaded.map(({ name }) => name.length));
  return [
    `throughline ${version}: tools for services that use @throughline/core.`,
    "",
    io2.style("bold", "Usage"),
    "  throughline <command> [options]",
    "  throughline <command> --help",
    "",
    io2.style("bold", "Commands"),
    ...loaded.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    io2.style("bold", "Exit codes"),
    `  ${exitCodes.ok}  done, nothing to complain about`,
    `  ${exitCodes.found}  done, and something to complain about was found`,
    `  ${exitCodes.failed}  called wrongly, or something needed could not be had: nothing was checked or written`
  ].join("\n");
}
function complain(error, io2) {
  if (error instanceof ObservabilityError) {
    io2.problem(`${io2.style("red", "Error")} ${error.code}: ${error.message}`);
    io2.problem(error.fix);
    return;
  }
  io2.problem(io2.style("red", "Error: this is a defect of the command, please report it."));
  io2.problem(error instanceof Error ? error.stack ?? error.message : String(error));
}

// src/cli.ts
var io = processIo();
var exitCode = await runCommandLine(commands, process.argv.slice(2), io);
await io.close();
process.exit(exitCode);
//# sourceMappingURL=cli.js.map