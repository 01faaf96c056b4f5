import {
  ObservabilityError,
  nearestName
} from "./chunk-M47XFLI6.js";

// src/cli/command.ts
import { parseArgs } from "util";
var exitCodes = { ok: 0, found: 1, failed: 2 };
function parseOptions(args, options) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    const { code, message } = cause;
    if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") throw commandInvalid(firstSentence(message));
    const unknown = /'(-[^' ]*)/.exec(message)?.[1] ?? "";
    const nearest = nearestName(unknown.replace(/^-+/, ""), Object.keys(options));
    throw commandInvalid(
      `Unknown option '${unknown}'${nearest === void 0 ? "" : `; did you mean '--${nearest}'?`}`
    );
  }
}
function commandInvalid(detail) {
  return new ObservabilityError("OBS_COMMAND_INVALID", /[.?]$/.test(detail) ? detail : `${detail}.`);
}
function firstSentence(text) {
  return text.split(/\.\s/, 1)[0] ?? text;
}

export {
  exitCodes,
  parseOptions,
  commandInvalid
};
//# sourceMappingURL=chunk-UC54PIWG.js.map