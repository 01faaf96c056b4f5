import {
  version
} from "./chunk-5UVLWR2H.js";
import {
  checkContract,
  identityBreaches,
  logBreaches,
  metricCheck
} from "./chunk-HYO6SFH6.js";
import {
  ObservabilityError
} from "./chunk-M47XFLI6.js";

// src/contract/start-check.ts
function breachesAtStart(contract, { labels, metrics }) {
  const breaches = [
    ...identityBreaches(contract, labels),
    ...logBreaches(contract, labels),
    ...metrics.flatMap(metricCheck(contract))
  ];
  if (contract.mode === "error" && breaches.length > 0) throw contractBreached(breaches);
  return breaches;
}
function contractBreached(breaches) {
  const messages = breaches.map(({ message }) => message);
  return new ObservabilityError(
    "OBS_CONTRACT_BREACHED",
    messages.length === 1 ? `The service does not meet its contract: ${messages[0]}.` : `The service does not meet its contract in ${messages.length} points: ${messages.join("; ")}.`
  );
}

// src/diagnosis/empty-diagnosis.ts
function emptyDiagnosis(state, findings) {
  const { versions, platform, arch, pid, argv } = process;
  return {
    ok: !findings.some(({ level }) => level === "error"),
    takenAt: (/* @__PURE__ */ new Date()).toISOString(),
    throughline: { version, state },
    node: { version: versions.node, platform: `${platform} ${arch}`, pid, script: argv[1] },
    identity: {},
    plugins: [],
    packages: [],
    libraries: [],
    options: [],
    contract: void 0,
    backends: [],
    scrape: void 0,
    sent: { spans: {}, logRecords: {} },
    testTraceId: void 0,
    findings
  };
}

// src/logs/audit-line.ts
function audit(logger, message, fields) {
  const { level, levels } = logger;
  const isHidden = (levels[level] ?? 0) < (levels.info ?? 0);
  if (isHidden) logger.level = "info";
  try {
    logger.info(message, fields);
  } finally {
    if (isHidden) logger.level = level;
  }
}

// src/redaction/secret-names.ts
var redacted = "REDACTED";
function normalizedName(name) {
  return name.replace(/[-_.\s]/g, "").toLowerCase();
}
var exactNames = /* @__PURE__ */ new Set([
  "auth",
  "bearer",
  "cvc",
  "cvv",
  "jwt",
  "otp",
  "pass",
  "pin",
  "pw",
  "sid",
  "connectsid",
  "sig",
  "signature",
  "ssn",
  "xamzsignature",
  "xgoogsignature",
  "xhubsignature",
  "xhubsignature256"
]);
var secretEnding = /(?:passw(?:or)?d|passphrase|passcode|pwd|secret|token|apikey|accesskey|secretkey|privatekey|signingkey|encryptionkey|authorization|cookies?|credentials?|sessionid|connectionstring|cardnumber|creditcard|(?:password|passwd)(?:hash|salt|confirm|confirmation|repeat))\d*$/;
var harmlessEnding = /(?:page|next|continuation|sync|cancel|cancellation)token$/;
var maxRemembered = 5e3;
function createSecretNames(further = []) {
  const own = new Set(further.map(normalizedName));
  const answers = /* @__PURE__ */ new Map();
  return (name) => {
    const known = answers.get(name);
    if (known !== void 0) return known;
    const plain = normalizedName(name);
    const answer = own.has(plain) || exactNames.has(plain) || secretEnding.test(plain.slice(-64)) && !harmlessEnding.test(plain);
    if (answers.size < maxRemembered) answers.set(name, answer);
    return answer;
  };
}

// src/redaction/query-redaction.ts
var secretParameters = [
  "awsaccesskeyid",
  "signature",
  "sig",
  "x-goog-signature",
  "x-amz-signature",
  "x-amz-credential",
  "x-amz-security-token",
  "key",
  "code",
  "session"
];
function createQueryRedaction(further) {
  const isSecret = createSecretNames([...secretParameters, ...further]);
  return (query) => {
    if (query === "") return query;
    let redacted2 = "";
    for (const pair of query.split("&")) {
      if (redacted2 !== "") redacted2 += "&";
      const equals = pair.indexOf("=");
      redacted2 += equals > 0 && isSecret(decodedName(pair.slice(0, equals))) ? `${pair.slice(0, equals)}=REDACTED` : pair;
    }
    return redacted2;
  };
}
function decodedName(name) {
  if (!name.includes("%") && !name.includes("+")) return name.toLowerCase();
  try {
    return decodeURIComponent(name.replaceAll("+", " ")).trim().toLowerCase();
  } catch {
    return name.toLowerCase();
  }
}
function redactUserinfo(text) {
  return text.replace(/:\/\/[^/?#\s"'<>]*@/g, "://REDACTED:REDACTED@");
}
function redactUrl(url, redactQuery2) {
  const withoutUser = redactUserinfo(url);
  const question = withoutUser.indexOf("?");
  if (question === -1) return withoutUser;
  const hash = withoutUser.indexOf("#", question);
  const end = hash === -1 ? withoutUser.length : hash;
  return `${withoutUser.slice(0, question + 1)}${redactQuery2(withoutUser.slice(question + 1, end))}${withoutUser.slice(end)}`;
}

// src/redaction/secret-text.ts
var trigger = /:\/\/|[?&#][\w.%-]+=|eyJ[\w-]|-----BEGIN|bearer\s|basic\s|digest\s|passw|passphrase|pwd|secret|token|(?:api|private|access|signing)[-_ ]?key|authorization|cookie|credential|gh[pousr]_|github_pat_|xox[a-z]-|[rs]k_(?:live|test)_|A[KS]IA[0-9A-Z]{16}|AIza|glpat-|npm_/i;
var privateKey = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?)-----[\s\S]*?(?:-----END \1-----|$)/g;
var jsonWebToken = /(?<![\w-])eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)*/g;
var authScheme = /\b(bearer|basic|digest)(\s{1,4})([\w.~+/=:-]{6,})/gi;
var credentialHeader = /\b((?:proxy-)?authorization|(?:set-)?cookie)(["'\\]{0,3}\s{0,4}[:=]\s{0,4})("[^"]*"?|'[^']*'?|\\"(?:[^"\\]|\\(?!"))*(?:\\")?|[^\r\n"']+)/gi;
var namedValue = /(passw(?:or)?d|passphrase|pwd|secret|token|(?:api|private|access|secret|signing)[-_ ]?key|credentials?)(["'\\]{0,3})(\s{0,4}[:=]\s{0,4})("(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\\"(?:[^"\\]|\\(?!"))*(?:\\")?|[^\s,;&"'<>{}[\]()]+)/gi;
var knownToken = /(?<!\w)(?:gh[pousr]_\w{20,}|github_pat_\w{20,}|xox[a-z]-[\w-]{10,}|[rs]k_(?:live|test)_\w{10,}|A[KS]IA[0-9A-Z]{16}|AIza[\w-]{35}|glpat-[\w-]{20,}|npm_\w{36})/g;
var wordWithParameters = /[^\s"'<>]+/g;
var redactQuery = createQueryRedaction([]);
function createTextRedaction(patterns) {
  const own = patterns.map(
    (pattern) => pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`)
  );
  return (text) => {
    let result = trigger.test(text) ? redactKnown(text) : text;
    for (const pattern of own) result = result.replace(pattern, redacted);
    return result;
  };
}
function redactKnown(text) {
  let result = text;
  if (result.includes("-----BEGIN")) result = result.replace(privateKey, redacted);
  if (result.includes("eyJ")) result = result.replace(jsonWebToken, redacted);
  if (result.includes("://")) result = redactUserinfo(result);
  if (result.includes("=")) result = result.replace(wordWithParameters, redactParameters);
  return result.replace(credentialHeader, (_match, name, between, value) => {
    return `${name}${between}${inQuotes(value)}`;
  }).replace(
    authScheme,
    (match, scheme, space, value) => isWord(value) ? match : `${scheme}${space}${redacted}`
  ).replace(namedValue, (match, name, quote, between, value) => {
    if (value.startsWith(redacted)) return match;
    const isSentence = quote === "" && between.startsWith(":") && between.length > 1 && isWord(value);
    return isSentence && !/^p/i.test(name) ? match : `${name}${quote}${between}${inQuotes(value)}`;
  }).replace(knownToken, redacted);
}
function inQuotes(value) {
  const quote = /^\\?["']/.exec(value)?.[0];
  if (quote === void 0) return redacted;
  return `${quote}${redacted}${value.length > quote.length && value.endsWith(quote) ? quote : ""}`;
}
function isWord(value) {
  return value.length < 24 && /^[A-Za-z]?[a-z]*[.:]?$/.test(value);
}
function redactParameters(word) {
  const start = word.search(/[?#]/);
  if (start === -1) return word.includes("&") ? redactQuery(word) : word;
  const hash = word.indexOf("#", start);
  const end = hash === -1 ? word.length : hash;
  const query = redactQuery(word.slice(start + 1, end));
  const fragment = hash === -1 ? "" : `#${redactQuery(word.slice(hash + 1))}`;
  return hash === start ? `${word.slice(0, start)}${fragment}` : `${word.slice(0, start + 1)}${query}${fragment}`;
}

// src/model/error-type.ts
var className = /^[A-Za-z_$][\w$.]{0,63}$/;
function errorType(error) {
  if (typeof error !== "object" || error === null) return "_OTHER";
  const { name } = error;
  if (typeof name === "string" && name.toLowerCase() !== "error" && className.test(name)) return name;
  const constructorName = error.constructor?.name;
  if (constructorName && className.test(constructorName)) return constructorName;
  return error instanceof Error ? "Error" : "_OTHER";
}

// src/redaction/secret-paths.ts
var pathForm = /^(?:[^.[\]]+|\[[^.[\]]+\])(?:\.[^.[\]]+|\[[^.[\]]+\])*$/;
function pathSegments(path) {
  if (!pathForm.test(path)) throw new Error(`takes paths such as 'user.email' or 'items[*].card'`);
  return path.replaceAll("[", ".").replaceAll("]", "").split(".").filter(Boolean);
}
function pathTree(paths) {
  if (paths.length === 0) return void 0;
  const build = (rest) => {
    const byName = /* @__PURE__ */ new Map();
    for (const [name, ...tail] of rest) {
      if (name === void 0) continue;
      byName.set(name, [...byName.get(name) ?? [], tail]);
    }
    return {
      next: new Map([...byName].map(([name, tails]) => [name, build(tails)])),
      isEnd: rest.some((segments) => segments.length === 0)
    };
  };
  return build(paths.map(pathSegments));
}
function stepInto(nodes, name) {
  if (nodes === void 0) return void 0;
  let reached;
  for (const node of nodes) {
    for (const key2 of [name, "*"]) {
      const next = node.next.get(key2);
      if (next) {
        reached ??= [];
        reached.push(next);
      }
    }
  }
  return reached;
}
function endsHere(nodes) {
  return nodes?.some((node) => node.isEnd) ?? false;
}

// src/logs/line-values.ts
var maxLineLength = 128 * 1024;
var maxDepth = 12;
var maxEntries = 1e3;
var unserializable = "[Unserializable]";
function createLineValues({ redact, maxFieldLength }) {
  const given = redact === false ? [] : redact;
  const texts = given.filter((entry) => typeof entry === "string");
  const isPath = (entry) => /[.[\]*]/.test(entry);
  const isSecret = redact === false ? () => false : createSecretNames(texts.filter((entry) => !isPath(entry)));
  const redactText = redact === false ? (text2) => text2 : createTextRedaction(given.filter((entry) => entry instanceof RegExp));
  const tree = pathTree(texts.filter(isPath));
  const root = tree && [tree];
  let remaining = maxLineLength;
  function text(value) {
    if (value.length <= maxFieldLength && value.length <= remaining) {
      remaining -= value.length;
      return redactText(value);
    }
    const kept = Math.max(0, Math.min(maxFieldLength, remaining));
    remaining -= kept;
    const end = kept > 0 && (value.charCodeAt(kept - 1) & 64512) === 55296 ? kept - 1 : kept;
    return `${redactText(value.slice(0, end))}\u2026[${value.length - end} more characters]`;
  }
  function named2(name, value, paths, ancestors) {
    if (value === void 0 || typeof value === "function" || typeof value === "symbol") return void 0;
    if (value === null || typeof value === "boolean") return endsHere(paths) ? redacted : value;
    if (isSecret(name) && value !== "" && !(mayHoldMore.test(name) && typeof value === "object")) {
      return redacted;
    }
    return plain(value, paths, ancestors, name);
  }
  function plain(value, paths, ancestors, name) {
    if (paths !== void 0 && endsHere(paths)) return redacted;
    switch (typeof value) {
      case "string":
        return text(value);
      case "number":
        return Number.isFinite(value) ? value : String(value);
      case "bigint":
        return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
      case "object":
        if (value === null) return null;
        try {
          return plainObject(value, paths, ancestors, name);
        } catch {
          return unserializable;
        }
      case "boolean":
        return value;
      default:
        return void 0;
    }
  }
  function plainObject(value, paths, ancestors, name) {
    if (ancestors.includes(value)) return "[Circular]";
    if (ancestors.length >= maxDepth) return Array.isArray(value) ? "[Array]" : "[Object]";
    if (remaining <= 0) return "[Cut]";
    const within = [...ancestors, value];
    if (value instanceof Error) return plainError(value, paths, within);
    if (ArrayBuffer.isView(value)) return `[${value.constructor.name} of ${value.byteLength} bytes]`;
    const { toJSON } = value;
    if (typeof toJSON === "function") {
      const replaced = toJSON.call(value, name);
      if (replaced !== value) return plain(replaced, paths, within, name);
    }
    if (Array.isArray(value)) return plainList(value, paths, within, name);
    if (value instanceof Set) return plainList(firstOf(value), paths, within, name);
    if (value instanceof Map) {
      const entries = firstOf(value).map(([key2, entry]) => [keyText(key2), entry]);
      return plainEntries(entries, paths, within);
    }
    if (value instanceof RegExp) return text(String(value));
    return plainEntries(readEntries(value), paths, within);
  }
  function plainList(list, paths, ancestors, name) {
    const isPairs = isTextList(list) && (list.length === 2 || /raw_?headers/i.test(name));
    const result = [];
    for (let i = 0; i < list.length; i++) {
      if (i >= maxEntries || remaining <= 0) {
        result.push("[more]");
        break;
      }
      remaining -= 2;
      const before = i % 2 === 1 ? list[i - 1] : void 0;
      result.push(
        isPairs && typeof before === "string" && isSecret(before) ? redacted : (
          // As in JSON, a list keeps its length.
          plain(list[i], stepInto(paths, String(i)), ancestors, name) ?? null
        )
      );
    }
    return result;
  }
  function plainEntries(entries, paths, ancestors) {
    const result = {};
    const label = entries.find(([key2]) => key2 === "name" || key2 === "key")?.[1];
    const isSecretValue = typeof label === "string" && isSecret(label);
    let count = 0;
    for (const [key2, entry] of entries) {
      if (count++ >= maxEntries || remaining <= 0) {
        result["\u2026"] = "[more]";
        break;
      }
      remaining -= key2.length + 4;
      const value = isSecretValue && key2 === "value" ? redacted : named2(key2, entry, stepInto(paths, key2), ancestors);
      if (value === void 0) continue;
      if (key2 === "__proto__") Object.defineProperty(result, key2, { value, enumerable: true });
      else result[key2] = value;
    }
    return result;
  }
  function plainError(error, paths, ancestors) {
    const own = readEntries(error).filter(([key2]) => key2 !== "cause" && key2 !== "errors");
    return plainEntries(
      [
        ["type", errorType(error)],
        ["message", error.message],
        ["stack", error.stack],
        ...own,
        ...error.cause === void 0 ? [] : [["cause", error.cause]],
        ..."errors" in error ? [["errors", error.errors]] : []
      ],
      paths,
      ancestors
    );
  }
  return {
    text,
    field: (name, value) => root === void 0 ? named2(name, value, void 0, []) : named2(name, value, stepInto(root, name), []),
    begin() {
      remaining = maxLineLength;
    }
  };
}
var mayHoldMore = /^(?:auth|pass|sig|pin|otp)$/i;
function readEntries(value) {
  const keys = Object.keys(value);
  if (keys.length > maxEntries) keys.length = maxEntries + 1;
  return keys.map((key2) => {
    try {
      return [key2, Reflect.get(value, key2)];
    } catch {
      return [key2, unserializable];
    }
  });
}
function firstOf(values) {
  const first = [];
  for (const value of values) {
    if (first.push(value) > maxEntries) break;
  }
  return first;
}
function keyText(key2) {
  return typeof key2 === "object" && key2 !== null ? "[object]" : String(key2);
}
function isTextList(list) {
  return list.length > 0 && list.length <= 200 && list.every((entry) => typeof entry === "string");
}

// src/options/option.ts
import { readFileSync } from "fs";
function option(o) {
  return {
    kind: "option",
    type: o.type,
    description: o.description,
    fallback: o.fallback,
    fallbackText: o.fallbackText,
    environment: o.environment ?? [],
    secret: o.secret ?? false,
    parse: o.parse
  };
}
function group(description, members) {
  return { kind: "group", description, members, canBeFalse: false };
}
function switchableGroup(description, members) {
  return { kind: "group", description, members, canBeFalse: true };
}
function named(shorthand, description, members) {
  return { kind: "group", description, members, canBeFalse: true, shorthand };
}
function parseBoolean(text) {
  const word = text.trim().toLowerCase();
  if (word === "true") return true;
  if (word === "false") return false;
  throw new Error("takes true or false");
}
function parseNumber(limits) {
  const words = `takes ${limits.integer ? "a whole number" : "a number"} from ${limits.min} to ${limits.max}`;
  return (value) => {
    const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
    if (typeof number !== "number" || !(number >= limits.min && number <= limits.max)) throw new Error(words);
    if (limits.integer && !Number.isInteger(number)) throw new Error(words);
    return number;
  };
}
var portLimits = { min: 0, max: 65535, integer: true };
function checkBoolean(value) {
  if (typeof value !== "boolean") throw new Error("takes true or false");
  return value;
}
function checkNumber(limits) {
  const parse = parseNumber(limits);
  return (value) => parse(typeof value === "string" ? Number.NaN : value);
}
function checkText(value) {
  if (typeof value !== "string" || value.trim() === "") throw new Error("takes a string that is not empty");
  return value.trim();
}
function checkWord(words) {
  return (value) => {
    const found = words.find((word) => word === value);
    if (found === void 0) throw new Error(`takes one of ${quoted(words)}`);
    return found;
  };
}
function checkTextList(value) {
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== "string")) {
    throw new Error("takes an array of strings");
  }
  return value;
}
function parseList(text) {
  return text.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
}
function checkTextRecord(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("takes an object of strings");
  }
  for (const [key2, entry] of Object.entries(value)) {
    if (typeof entry !== "string") throw new Error(`takes an object of strings, but '${key2}' is not one`);
  }
  return value;
}
function checkUrl(value) {
  const text = checkText(value);
  let url;
  try {
    url = new URL(text);
  } catch {
    throw new Error("takes a URL such as http://localhost:4318");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new Error("takes an http:// or https:// URL such as http://localhost:4318");
  }
  return text;
}
function checkPemFile(what) {
  return (value) => {
    const path = checkText(value);
    let text;
    try {
      text = readFileSync(path, "utf8");
    } catch (error) {
      throw new Error(`takes a file that can be read (${error.code})`);
    }
    if (!new RegExp(`^-----BEGIN ([A-Z0-9]+ )*${what}-----`, "m").test(text)) {
      throw new Error(`takes a PEM file with a ${what.toLowerCase()}`);
    }
    return path;
  };
}
function parsePairs(text) {
  const pairs = {};
  for (const entry of parseList(text)) {
    const equals = entry.indexOf("=");
    const key2 = entry.slice(0, Math.max(equals, 0)).trim();
    if (key2 === "") throw new Error("takes key=value pairs separated by commas, but one of them has no '='");
    try {
      pairs[decodeURIComponent(key2)] = decodeURIComponent(entry.slice(equals + 1).trim());
    } catch {
      throw new Error(`takes percent-encoded key=value pairs, but '${key2}' is badly encoded`);
    }
  }
  return pairs;
}
function parseAttributes(text) {
  return Object.fromEntries(Object.entries(parsePairs(text)).filter(([, value]) => value !== ""));
}
var countLimits = { min: 1, max: 1e6, integer: true };
var millisLimits = { min: 0, max: 36e5, integer: true };
function checkList(words, isEntry) {
  return (value) => {
    if (!Array.isArray(value) || !value.every(isEntry)) throw new Error(words);
    return value;
  };
}
var isObjectWith = (...methods) => (value) => typeof value === "object" && value !== null && methods.every((method) => typeof Reflect.get(value, method) === "function");
function quoted(words) {
  return words.map((word) => `'${word}'`).join(", ");
}

// src/options/control-options.ts
var minTokenLength = 16;
function checkToken(value) {
  const token = checkText(value);
  if (token.length < minTokenLength || !/^[\x21-\x7e]+$/.test(token)) {
    throw new Error(`takes at least ${minTokenLength} visible ASCII characters without spaces`);
  }
  return token;
}
var controlOptions = group(
  "Live control over HTTP, on the metrics endpoint (docs/live-control.md).",
  {
    token: option({
      type: "string",
      description: `Bearer token for \`/observability/\u2026\`, at least ${minTokenLength} characters. Without one these paths do not exist.`,
      fallbackText: "none: live control is off",
      environment: [{ name: "THROUGHLINE_CONTROL_TOKEN", parse: checkToken }],
      secret: true,
      parse: checkToken
    })
  }
);

// src/options/http-options.ts
var checkHeaderNames = (value) => checkTextList(value).map((name) => name.toLowerCase());
var hostEntry = /^(\.?[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[?[0-9a-f:]+\]?)(:\d{1,5})?$/i;
var checkTargets = checkList(
  "takes an array of hosts ('orders', 'orders:8080', '.internal.example' for all hosts below it) and regular expressions",
  (entry) => entry instanceof RegExp || typeof entry === "string" && hostEntry.test(entry)
);
var httpOptions = group("HTTP in and out.", {
  ignoreIncomingPaths: option({
    type: "readonly (string | RegExp)[]",
    description: "Paths without spans and metrics, such as probes. A string is the whole path; a regular expression is tested against the path without its query.",
    fallback: ["/health", "/healthz", "/livez", "/readyz", "/metrics"],
    parse: checkList(
      "takes an array of strings and regular expressions",
      (entry) => typeof entry === "string" || entry instanceof RegExp
    )
  }),
  captureRequestHeaders: option({
    type: "readonly string[]",
    description: "Request headers to record on server spans as `http.request.header.<name>`.",
    fallback: [],
    fallbackText: "none",
    parse: checkHeaderNames
  }),
  captureResponseHeaders: option({
    type: "readonly string[]",
    description: "Response headers to record on server spans as `http.response.header.<name>`.",
    fallback: [],
    fallbackText: "none",
    parse: checkHeaderNames
  }),
  propagateTo: option({
    type: "readonly (string | RegExp)[]",
    description: "Where outgoing calls carry trace headers (`traceparent`, `baggage`, the old header of the bridge). A string is a host, `host:port`, or `.domain` for all hosts below it; a regular expression is tested against the URL without its query. An empty array: nowhere. Spans and metrics of the other calls stay.",
    fallbackText: "everywhere",
    environment: [
      {
        name: "THROUGHLINE_HTTP_PROPAGATE_TO",
        parse: (text) => checkTargets(parseList(text)),
        note: "hosts separated by commas"
      }
    ],
    parse: checkTargets
  }),
  trustForwardedHeaders: option({
    type: "boolean",
    description: "Whether `client.address` on spans comes from `Forwarded` or `X-Forwarded-For` where they are present. Metrics never use them.",
    fallback: true,
    parse: checkBoolean
  }),
  redactQueryParameters: option({
    type: "readonly string[]",
    description: "Query parameters, beside the usual secrets, whose values are replaced by REDACTED on spans.",
    fallback: [],
    fallbackText: "none",
    parse: checkTextList
  })
});

// src/options/legacy-options.ts
var headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/;
var maxNames = 16;
var takenNames = /* @__PURE__ */ new Set([
  "traceparent",
  "tracestate",
  "traceresponse",
  "baggage",
  "authorization",
  "cookie",
  "set-cookie",
  "host",
  "content-type",
  "content-length"
]);
function checkHeaderName(value) {
  if (typeof value !== "string" || !headerName.test(value)) {
    throw new Error("takes the name of a header, such as x-trace-id");
  }
  if (takenNames.has(value.toLowerCase())) {
    throw new Error(`takes the name of the old trace header, and '${value}' has another meaning`);
  }
  return value;
}
function checkNames(value) {
  const names = Array.isArray(value) ? value : [value];
  if (names.length === 0 || names.length > maxNames) {
    throw new Error(`takes the name of a header, or from 1 to ${maxNames} of them in order of trust`);
  }
  return names.map(checkHeaderName);
}
var millisPerDay = 864e5;
var isoDate = /^\d{4}-\d{2}-\d{2}$/;
var isoTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;
function endOfAcceptance(text) {
  const words = "takes a date such as 2027-03-31, or a time with its zone such as 2027-03-31T18:00:00Z";
  if (!isoDate.test(text) && !isoTime.test(text)) throw new Error(words);
  const millis = Date.parse(text);
  const day = text.slice(0, 10);
  const parsedDay = new Date(Date.parse(day));
  if (Number.isNaN(millis) || Number.isNaN(parsedDay.getTime()) || !parsedDay.toISOString().startsWith(day)) {
    throw new Error(words);
  }
  return isoDate.test(text) ? millis + millisPerDay : millis;
}
var responses = ["traceresponse", "legacy", "both"];
var legacyOptions = named(
  "name",
  "The bridge from hand-made trace headers (docs/moving-over.md); a name, or a list of names, stands for `{ name }`.",
  {
    name: option({
      type: "string | readonly string[]",
      description: "The old header, or several in order of trust. HTTP ignores the case of names, and so does reading a message; writing uses them as given here.",
      fallbackText: "none: the bridge is off",
      environment: [
        {
          name: "THROUGHLINE_LEGACY_TRACE_HEADER",
          parse: (text) => checkNames(parseList(text)),
          note: "names separated by commas"
        }
      ],
      parse: checkNames
    }),
    send: option({
      type: "boolean",
      description: "Whether outgoing calls and messages carry the old header beside the trace context.",
      fallback: true,
      parse: checkBoolean
    }),
    acceptUntil: option({
      type: "string",
      description: "Last day (UTC), or moment with its zone, on which the old header counts. Warnings start 14 days before; afterwards it is not used, but still counted.",
      fallbackText: "no end",
      parse: (value) => {
        const text = checkText(value);
        endOfAcceptance(text);
        return text;
      }
    }),
    respond: option({
      type: "false | 'traceresponse' | 'legacy' | 'both'",
      description: "Whether responses carry the id: as W3C `traceresponse`, in the old header, or in both. A header that the service sets itself stays.",
      fallback: false,
      parse: (value) => value === false ? false : checkWord(responses)(value)
    }),
    sourceHeader: option({
      type: "string",
      description: "A request header in which callers name themselves, such as `x-client-name`; it tells who still sends the old header.",
      fallbackText: "none: `service.name` in the baggage, else the user agent, else the network",
      parse: (value) => checkHeaderName(value).toLowerCase()
    })
  }
);

// src/logs/correlation.ts
import {
  context,
  isSpanContextValid,
  ROOT_CONTEXT,
  trace
} from "@opentelemetry/api";
var correlatedLibraries = ["winston", "pino", "bunyan", "nestjs", "console"];
var correlationExtras = ["level", "identity", "otlp"];
var nothingMore = { identity: void 0, levelAsWord: false, copy: void 0 };
var key = /* @__PURE__ */ Symbol.for("throughline.logs.correlation");
var shared;
function sharedState() {
  const holder = globalThis;
  holder[key] ??= { settings: nothingMore };
  shared = holder[key];
  return shared;
}
function correlation() {
  return (shared ?? sharedState()).settings;
}
function setCorrelation(settings) {
  sharedState().settings = settings ?? nothingMore;
}
function callingContext() {
  const active = context.active();
  return active === ROOT_CONTEXT ? void 0 : active;
}
var lastSpanContext;
var lastFields;
var lastMembers = "";
function look() {
  const spanContext = trace.getSpanContext(context.active());
  if (spanContext === void 0) return false;
  if (spanContext !== lastSpanContext) {
    const { traceId, spanId } = spanContext;
    const flags = (spanContext.traceFlags & 255).toString(16).padStart(2, "0");
    lastSpanContext = spanContext;
    if (isSpanContextValid(spanContext)) {
      lastFields = { trace_id: traceId, span_id: spanId, trace_flags: flags };
      lastMembers = `,"trace_id":"${traceId}","span_id":"${spanId}","trace_flags":"${flags}"`;
    } else {
      lastFields = void 0;
      lastMembers = "";
    }
  }
  return lastFields !== void 0;
}
function activeTrace() {
  return look() ? lastFields : void 0;
}
function traceFields() {
  const fields = activeTrace();
  const { identity } = correlation();
  return fields && identity ? { ...fields, ...identity } : fields ?? identity;
}
function jsonMembers(has) {
  let members = look() && !has("trace_id") ? lastMembers : "";
  const { identity } = correlation();
  if (identity !== void 0) {
    for (const name in identity) {
      if (!has(name)) members += `,"${name}":${JSON.stringify(identity[name])}`;
    }
  }
  return members;
}
function textSuffix() {
  const fields = traceFields();
  let suffix = "";
  for (const name in fields)
    suffix += ` ${name}=${/[\s"=]/.test(fields[name] ?? "") ? JSON.stringify(fields[name]) : fields[name]}`;
  return suffix;
}

// src/model/log-level.ts
var logLevels = [
  "emerg",
  "alert",
  "crit",
  "error",
  "warning",
  "warn",
  "notice",
  "info",
  "http",
  "verbose",
  "debug",
  "silly"
];
var levelOrder = {
  emerg: 0,
  alert: 1,
  crit: 2,
  error: 3,
  warning: 4,
  warn: 4,
  notice: 5,
  info: 6,
  http: 7,
  verbose: 8,
  debug: 9,
  silly: 10
};
function isErrorLevel(level) {
  return (levelOrder[level] ?? Number.POSITIVE_INFINITY) <= levelOrder.error || level === "fatal";
}

// src/options/otlp-options.ts
function otlpMembers(signal) {
  const SIGNAL = signal.toUpperCase();
  const own = (suffix) => `OTEL_EXPORTER_OTLP_${SIGNAL}_${suffix}`;
  const general = (suffix) => `OTEL_EXPORTER_OTLP_${suffix}`;
  const pemFile = (suffix, what) => {
    const parse = checkPemFile(what);
    const environment = [
      { name: own(suffix), parse },
      { name: general(suffix), parse }
    ];
    return { type: "string", environment, parse };
  };
  return {
    endpoint: option({
      type: "string",
      description: `Full URL of the OTLP/HTTP intake for ${signal}.`,
      fallback: `http://localhost:4318/v1/${signal}`,
      environment: [
        { name: own("ENDPOINT"), parse: checkUrl },
        {
          name: general("ENDPOINT"),
          parse: (text) => `${checkUrl(text).replace(/\/+$/, "")}/v1/${signal}`,
          note: `\`/v1/${signal}\` is appended`
        }
      ],
      parse: checkUrl
    }),
    headers: option({
      type: "Readonly<Record<string, string>>",
      description: "Headers sent with every export, for example for authentication.",
      environment: [
        { name: own("HEADERS"), parse: parsePairs, note: "`key=value` pairs" },
        { name: general("HEADERS"), parse: parsePairs, note: "`key=value` pairs" }
      ],
      secret: true,
      parse: checkTextRecord
    }),
    certificate: option({
      ...pemFile("CERTIFICATE", "CERTIFICATE"),
      description: "File (PEM) with the authorities that the intake's certificate is checked against, in place of those that Node knows. Read once, at start.",
      fallbackText: "Node's own, with those of NODE_EXTRA_CA_CERTS"
    }),
    clientCertificate: option({
      ...pemFile("CLIENT_CERTIFICATE", "CERTIFICATE"),
      description: "File (PEM) with the certificate that the service shows to an intake which asks for one. Read once, at start.",
      fallbackText: "none"
    }),
    clientKey: option({
      ...pemFile("CLIENT_KEY", "PRIVATE KEY"),
      description: "File (PEM) with the private key of `clientCertificate`. Read once, at start.",
      fallbackText: "none"
    }),
    compression: option({
      type: "'gzip' | 'none'",
      description: "Compression of the exported data.",
      fallback: "none",
      environment: [
        { name: own("COMPRESSION"), parse: checkWord(["gzip", "none"]) },
        { name: general("COMPRESSION"), parse: checkWord(["gzip", "none"]) }
      ],
      parse: checkWord(["gzip", "none"])
    }),
    timeoutMillis: option({
      type: "number",
      description: "Longest time for one export, retries included, in milliseconds.",
      fallback: 1e4,
      environment: [
        { name: own("TIMEOUT"), parse: parseNumber(millisLimits) },
        { name: general("TIMEOUT"), parse: parseNumber(millisLimits) }
      ],
      parse: checkNumber(millisLimits)
    })
  };
}
function batchMembers(prefix, delayMillis) {
  return group("Batching before export. Beyond the queue, data is dropped and counted.", {
    maxQueueSize: option({
      type: "number",
      description: "Most finished items held in memory while they wait for export.",
      fallback: 2048,
      environment: [{ name: `${prefix}_MAX_QUEUE_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits)
    }),
    maxExportBatchSize: option({
      type: "number",
      description: "Most items in one export; at most `maxQueueSize`.",
      fallback: 512,
      environment: [{ name: `${prefix}_MAX_EXPORT_BATCH_SIZE`, parse: parseNumber(countLimits) }],
      parse: checkNumber(countLimits)
    }),
    scheduledDelayMillis: option({
      type: "number",
      description: "Longest time an item waits for its batch to fill, in milliseconds.",
      fallback: delayMillis,
      environment: [{ name: `${prefix}_SCHEDULE_DELAY`, parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits)
    }),
    exportTimeoutMillis: option({
      type: "number",
      description: "Time after which an export in flight no longer holds up the next one, in milliseconds.",
      fallback: 3e4,
      environment: [{ name: `${prefix}_EXPORT_TIMEOUT`, parse: parseNumber(millisLimits) }],
      parse: checkNumber(millisLimits)
    })
  });
}

// src/options/log-options.ts
var namedDestinations = ["stdout", "otlp"];
var checkLogLevel = checkWord(logLevels);
var rotationPeriods = ["hour", "day"];
var checkFileSize = checkNumber({ min: 1024, max: 1e12, integer: true });
var checkFileCount = checkNumber({ min: 1, max: 1e3, integer: true });
function checkDestination(value) {
  if (typeof value !== "object" || value === null) {
    const found = namedDestinations.find((name) => name === value);
    if (found === void 0) {
      throw new Error(`takes an array of ${quoted(namedDestinations)} and { file: '<path>' }`);
    }
    return found;
  }
  const { file, maxSizeBytes, maxFiles, rotateEvery, ...unknown } = value;
  const [surplus] = Object.keys(unknown);
  if (surplus !== void 0) {
    throw new Error(
      `takes files with file, maxSizeBytes, maxFiles and rotateEvery, but one has '${surplus}'`
    );
  }
  const part = (name, given, check) => {
    try {
      return check(given);
    } catch (error) {
      throw new Error(`has a file whose ${name} ${error.message}`);
    }
  };
  return {
    file: part("file", file, checkText),
    ...maxSizeBytes === void 0 ? {} : { maxSizeBytes: part("maxSizeBytes", maxSizeBytes, checkFileSize) },
    ...maxFiles === void 0 ? {} : { maxFiles: part("maxFiles", maxFiles, checkFileCount) },
    ...rotateEvery === void 0 ? {} : { rotateEvery: part("rotateEvery", rotateEvery, checkWord(rotationPeriods)) }
  };
}
function checkDestinations(value) {
  if (!Array.isArray(value)) {
    throw new Error(`takes an array of ${quoted(namedDestinations)} and { file: '<path>' }`);
  }
  return [...new Set(value.map(checkDestination))];
}
function checkRedact(value) {
  if (value === false) return false;
  if (!Array.isArray(value))
    throw new Error("takes false, or an array of names, paths and regular expressions");
  for (const entry of value) {
    if (entry instanceof RegExp) continue;
    pathSegments(checkText(entry));
  }
  return value;
}
function checkWords(words) {
  return (value) => {
    if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(words)}`);
    return [...new Set(value.map(checkWord(words)))];
  };
}
function checkRates(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("takes an object of numbers by level, for example { info: 100 }");
  }
  const rates = {};
  for (const [level, rate] of Object.entries(value)) {
    rates[checkLogLevel(level)] = checkNumber({ min: 1, max: 1e6 })(rate);
  }
  return rates;
}
var logOptions = group("Log lines.", {
  level: option({
    type: "LogLevel",
    description: "Least important level that is written. The names of npm and of syslog can both be used.",
    fallback: "info",
    environment: [{ name: "LOG_LEVEL", parse: (text) => checkLogLevel(text.toLowerCase()) }],
    parse: checkLogLevel
  }),
  format: option({
    type: "'json' | 'pretty'",
    description: "JSON lines for machines, or coloured lines for a person. Files always get JSON.",
    fallbackText: "`'pretty'` when stdout is a terminal, otherwise `'json'`",
    parse: checkWord(["json", "pretty"])
  }),
  destinations: option({
    type: "readonly LogDestination[]",
    description: "Where lines go: `stdout`, `otlp` for an OTLP/HTTP intake, and `{ file: '/var/log/\u2026' }` for agents that tail files.",
    fallback: ["stdout"],
    environment: [
      {
        name: "OTEL_LOGS_EXPORTER",
        parse: (text) => {
          const names = parseList(text).map(checkWord(["otlp", "console", "none"]));
          return names.includes("otlp") ? ["stdout", "otlp"] : ["stdout"];
        },
        note: "`otlp` adds the OTLP intake; lines go to stdout in any case"
      }
    ],
    parse: checkDestinations
  }),
  redact: option({
    type: "false | readonly (string | RegExp)[]",
    description: "What is taken out of lines beside the usual secrets: names of fields (`'iban'`), paths (`'user.email'`, `'items[*].card'`) and regular expressions for texts. `false` takes nothing out, not even the usual.",
    fallback: [],
    fallbackText: "the usual secrets only",
    parse: checkRedact
  }),
  maxFieldLength: option({
    type: "number",
    description: "Longest text in one field of a line, in characters; what is beyond is cut.",
    fallback: 16384,
    parse: checkNumber({ min: 256, max: 1e6, integer: true })
  }),
  access: option({
    type: "boolean",
    description: "Whether each HTTP request that the service answered gets one line with route, status and duration.",
    fallback: false,
    parse: checkBoolean
  }),
  correlate: option({
    type: "readonly ('winston' | 'pino' | 'bunyan' | 'nestjs' | 'console')[]",
    description: "Loggers of the service whose lines get the trace fields by themselves.",
    fallback: ["winston", "pino", "bunyan", "nestjs"],
    parse: checkWords(correlatedLibraries)
  }),
  correlateWith: option({
    type: "readonly ('level' | 'identity' | 'otlp')[]",
    description: "What else the lines of those loggers get: `level` as a word, the labels of the `identity`, and a copy to the `otlp` destination.",
    fallback: [],
    fallbackText: "nothing: their lines stay as they are",
    parse: checkWords(correlationExtras)
  }),
  crashes: option({
    type: "boolean",
    description: "Whether uncaught exceptions and unhandled rejections are logged with their trace and flushed. What Node does and prints stays the same.",
    fallback: true,
    parse: checkBoolean
  }),
  debugSignal: option({
    type: "'SIGUSR1' | 'SIGUSR2'",
    description: "Signal that switches to level `debug` for `debugSignalSeconds`, and back when it comes again. Node takes SIGUSR1 for its debugger.",
    fallbackText: "none",
    environment: [{ name: "LOG_DEBUG_SIGNAL", parse: checkWord(["SIGUSR1", "SIGUSR2"]) }],
    parse: checkWord(["SIGUSR1", "SIGUSR2"])
  }),
  debugSignalSeconds: option({
    type: "number",
    description: "How long `debugSignal` lasts, in seconds.",
    fallback: 300,
    parse: checkNumber({ min: 1, max: 86400 })
  }),
  flood: group(
    "Flood control, off unless one of its limits is set. Lines of a trace that has an error are never dropped; what is dropped is counted and said once per interval.",
    {
      maxRepeats: option({
        type: "number",
        description: "Most lines with the same message, numbers and ids in it aside, that are written per interval.",
        fallbackText: "no limit",
        parse: checkNumber(countLimits)
      }),
      maxLinesPerSecond: option({
        type: "Readonly<Partial<Record<LogLevel, number>>>",
        description: "Most lines per second by level, for example `{ info: 100 }`.",
        fallbackText: "no limits",
        parse: checkRates
      }),
      intervalSeconds: option({
        type: "number",
        description: "Length of an interval, in seconds.",
        fallback: 30,
        parse: checkNumber({ min: 0.05, max: 3600 })
      })
    }
  ),
  ...otlpMembers("logs"),
  batch: batchMembers("OTEL_BLRP", 1e3)
});

// src/options/metric-options.ts
var exporterNames = ["prometheus", "otlp"];
var temporalityNames = ["cumulative", "delta", "lowmemory"];
var intervalLimits = { min: 1, max: 864e5, integer: true };
var metricOptions = group("Metrics, for Prometheus to scrape or pushed by OTLP.", {
  exporters: option({
    type: "readonly MetricExporterName[]",
    description: "How metrics leave: `prometheus` is scraped at `metrics.endpoint`, `otlp` is pushed as `metrics.push` says.",
    fallback: ["prometheus"],
    fallbackText: "`['prometheus']`",
    environment: [
      {
        name: "OTEL_METRICS_EXPORTER",
        parse: (text) => parseList(text).map(checkWord([...exporterNames, "none"])).filter((name) => name !== "none"),
        note: "`prometheus`, `otlp`, both separated by a comma, or `none`"
      }
    ],
    parse: (value) => {
      if (!Array.isArray(value)) throw new Error("takes an array of 'prometheus', 'otlp'");
      return [...new Set(value.map(checkWord(exporterNames)))];
    }
  }),
  push: switchableGroup(
    "Pushing by OTLP/HTTP: an object in code pushes beside being scraped; `false` never pushes, whatever the environment says.",
    {
      ...otlpMembers("metrics"),
      intervalMillis: option({
        type: "number",
        description: "Time between two exports, in milliseconds.",
        fallback: 6e4,
        environment: [{ name: "OTEL_METRIC_EXPORT_INTERVAL", parse: parseNumber(intervalLimits) }],
        parse: checkNumber(intervalLimits)
      }),
      exportTimeoutMillis: option({
        type: "number",
        description: "Longest time for collecting and sending once, in milliseconds; at most the interval.",
        fallback: 3e4,
        environment: [{ name: "OTEL_METRIC_EXPORT_TIMEOUT", parse: parseNumber(intervalLimits) }],
        parse: checkNumber(intervalLimits)
      }),
      temporality: option({
        type: "'cumulative' | 'delta' | 'lowmemory'",
        description: "Whether counters and histograms are sent as totals or as what came since the last export. Prometheus takes totals.",
        fallback: "cumulative",
        environment: [
          {
            name: "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
            parse: (text) => checkWord(temporalityNames)(text.trim().toLowerCase())
          }
        ],
        parse: checkWord(temporalityNames)
      })
    }
  ),
  endpoint: switchableGroup(
    "The HTTP endpoint for the scraper; `false` when the service mounts `metricsHandler` itself.",
    {
      host: option({
        type: "string",
        description: "Address to listen on.",
        fallbackText: "all addresses",
        environment: [{ name: "OTEL_EXPORTER_PROMETHEUS_HOST", parse: checkText }],
        parse: checkText
      }),
      port: option({
        type: "number",
        description: "Port to listen on; 0 takes any free one, which the log line at start names.",
        fallback: 9464,
        environment: [{ name: "OTEL_EXPORTER_PROMETHEUS_PORT", parse: parseNumber(portLimits) }],
        parse: checkNumber(portLimits)
      }),
      path: option({
        type: "string",
        description: "Path of the endpoint.",
        fallback: "/metrics",
        parse: (value) => {
          const path = checkText(value);
          if (!path.startsWith("/")) throw new Error("takes a path that starts with '/'");
          return path;
        }
      }),
      token: option({
        type: "string",
        description: "Bearer token that a scraper must send; without one the endpoint is open.",
        fallbackText: "none",
        environment: [{ name: "THROUGHLINE_METRICS_TOKEN", parse: checkText }],
        secret: true,
        parse: checkText
      })
    }
  ),
  cluster: option({
    type: "boolean",
    description: "Whether the processes of a cluster, and the threads of a process, answer a scrape as one. With `false` each has its own metrics only, and needs a port of its own.",
    fallback: true,
    environment: [{ name: "THROUGHLINE_METRICS_CLUSTER", parse: parseBoolean }],
    parse: checkBoolean
  }),
  registries: option({
    type: "readonly MetricRegistry[]",
    description: "Further registries of prom-client or `@prometheus-io/client` to serve in the same answer. The default registries of all loaded copies of both are always part of it.",
    fallback: [],
    fallbackText: "none",
    parse: checkList(
      "takes an array of prom-client registries",
      isObjectWith("getMetricsAsArray", "registerMetric")
    )
  }),
  runtime: option({
    type: "boolean",
    description: "prom-client's own `process_*` and `nodejs_*` metrics.",
    fallback: true,
    parse: checkBoolean
  }),
  maxSeriesPerMetric: option({
    type: "number",
    description: 'Most series of one metric, Throughline\'s own and those of `counter()`, `gauge()` and `histogram()`; further label sets go to one series with `otel_metric_overflow="true"`.',
    fallback: 2e3,
    parse: checkNumber(countLimits)
  }),
  exemplars: option({
    type: "boolean",
    description: "Whether histogram buckets carry the trace that fell into them (OpenMetrics format only).",
    fallback: true,
    parse: checkBoolean
  })
});

// src/options/trace-options.ts
var samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio"
];
var propagatorNames = ["tracecontext", "baggage", "b3", "b3multi", "jaeger", "none"];
var traceExporterNames = ["otlp", "console", "none"];
var ratioLimits = { min: 0, max: 1 };
var isSpanExporter = isObjectWith("export", "shutdown");
var isSampler = isObjectWith("shouldSample");
var isPropagator = isObjectWith("inject", "extract", "fields");
var checkTraceExporterName = checkWord(traceExporterNames);
var checkSamplerName = checkWord(samplerNames);
var checkRatio = checkNumber(ratioLimits);
function checkPropagators(value) {
  if (!Array.isArray(value)) throw new Error(`takes an array of ${quoted(propagatorNames)}`);
  return value.map((entry) => isPropagator(entry) ? entry : checkWord(propagatorNames)(entry));
}
var traceOptions = group("Spans.", {
  exporter: option({
    type: "'otlp' | 'console' | 'none' | SpanExporter",
    description: "Where spans go.",
    fallback: "otlp",
    environment: [{ name: "OTEL_TRACES_EXPORTER", parse: checkTraceExporterName }],
    parse: (value) => {
      if (isSpanExporter(value)) return value;
      try {
        return checkTraceExporterName(value);
      } catch (error) {
        throw new Error(`${error.message}, or a SpanExporter`);
      }
    }
  }),
  ...otlpMembers("traces"),
  sampler: option({
    type: "SamplerName | Sampler",
    description: "Which traces are recorded. The ratio of the `traceidratio` samplers is `samplingRatio`.",
    fallbackText: "`'parentbased_traceidratio'`: a caller's decision is kept, new traces follow `samplingRatio`",
    environment: [{ name: "OTEL_TRACES_SAMPLER", parse: checkSamplerName }],
    parse: (value) => isSampler(value) ? value : checkSamplerName(value)
  }),
  samplingRatio: option({
    type: "number",
    description: "Share of new traces that are recorded, from 0 to 1. Metrics and logs never depend on it.",
    fallback: 1,
    environment: [{ name: "OTEL_TRACES_SAMPLER_ARG", parse: parseNumber(ratioLimits) }],
    parse: checkNumber(ratioLimits)
  }),
  propagators: option({
    type: "readonly (PropagatorName | TextMapPropagator)[]",
    description: "Headers by which a trace travels between services; all are read, all are written.",
    fallback: ["tracecontext", "baggage"],
    environment: [{ name: "OTEL_PROPAGATORS", parse: (text) => checkPropagators(parseList(text)) }],
    parse: checkPropagators
  }),
  batch: batchMembers("OTEL_BSP", 5e3)
});

// src/options/table.ts
function checkPlugins(value) {
  if (!Array.isArray(value)) throw new Error("takes an array of plugins, for example [expressPlugin()]");
  value.forEach((entry, index) => {
    if (isPlugin(entry)) return;
    const got = typeof entry === "function" ? `the function ${entry.name || "(anonymous)"} itself; call it` : `${entry === null ? "null" : typeof entry} without a name and a setup function`;
    throw new ObservabilityError("OBS_PLUGIN_INVALID", `plugins[${index}] is ${got}.`);
  });
  return value;
}
function isPlugin(entry) {
  if (!isObjectWith("setup")(entry)) return false;
  return typeof entry.name === "string" && entry.name !== "";
}
var optionTable = {
  enabled: option({
    type: "boolean",
    description: "Whether anything is recorded at all. When false, every call of the API stays harmless.",
    fallback: true,
    environment: [
      { name: "OTEL_SDK_DISABLED", parse: (text) => !parseBoolean(text), note: "true switches off" }
    ],
    parse: checkBoolean
  }),
  serviceName: option({
    type: "string",
    description: "Logical name of the service, the same for all its instances.",
    fallbackText: "`service.name` of OTEL_RESOURCE_ATTRIBUTES, the name in the nearest package.json, or `unknown_service:node`",
    environment: [{ name: "OTEL_SERVICE_NAME", parse: checkText }],
    parse: checkText
  }),
  serviceVersion: option({
    type: "string",
    description: "Version of the service.",
    fallbackText: "`service.version` of OTEL_RESOURCE_ATTRIBUTES, or the version in the nearest package.json",
    parse: checkText
  }),
  serviceNamespace: option({
    type: "string",
    description: "Group of services that this one belongs to.",
    fallbackText: "`service.namespace` of OTEL_RESOURCE_ATTRIBUTES",
    parse: checkText
  }),
  environment: option({
    type: "string",
    description: "Deployment environment, for example `production`.",
    fallbackText: "`deployment.environment.name` (or the older `deployment.environment`) of OTEL_RESOURCE_ATTRIBUTES, or NODE_ENV",
    parse: checkText
  }),
  team: option({
    type: "string",
    description: "Team that owns the service.",
    fallbackText: "`team` of OTEL_RESOURCE_ATTRIBUTES",
    parse: checkText
  }),
  resourceAttributes: option({
    type: "Readonly<Record<string, string>>",
    description: "Further resource attributes, such as `k8s.pod.name`. All sources are merged; code wins over the environment, key by key.",
    environment: [
      {
        name: "OTEL_RESOURCE_ATTRIBUTES",
        parse: parseAttributes,
        note: "`key=value` pairs; empty ones are left out"
      }
    ],
    parse: checkTextRecord
  }),
  plugins: option({
    type: "readonly ObservabilityPlugin[]",
    description: "Plugins, for example `expressPlugin()`.",
    fallback: [],
    fallbackText: "none",
    parse: checkPlugins
  }),
  instrumentations: option({
    type: "readonly Instrumentation[]",
    description: "Stock OpenTelemetry instrumentations. They are applied to modules that are already loaded as well.",
    fallback: [],
    fallbackText: "none",
    parse: checkList(
      "takes an array of OpenTelemetry instrumentations, for example [new PgInstrumentation()]",
      isObjectWith("enable", "disable", "setTracerProvider")
    )
  }),
  contract: option({
    type: "Contract",
    description: "The labels and names that all services agree on, made by `defineContract`; usually from a package of the platform team.",
    fallbackText: "none",
    parse: checkContract
  }),
  traces: traceOptions,
  metrics: metricOptions,
  logs: logOptions,
  http: httpOptions,
  legacyTraceHeader: legacyOptions,
  control: controlOptions,
  shutdown: group("The end of the process.", {
    timeoutMillis: option({
      type: "number",
      description: "Longest time that `flush` and `shutdown` take, in milliseconds.",
      fallback: 5e3,
      parse: checkNumber(millisLimits)
    }),
    handleSignals: option({
      type: "boolean",
      description: "Whether SIGTERM and SIGINT flush telemetry. Node ends as it would have without Throughline; handlers of the service stay in charge.",
      fallback: true,
      parse: checkBoolean
    })
  })
};

// src/patching/loaded-packages.ts
import { readFileSync as readFileSync2 } from "fs";
import Module from "module";
import { join, sep } from "path";
var commonJs = Module;
var nodeModules = `${sep}node_modules${sep}`;
function packageNameOfFile(file) {
  const start = file.lastIndexOf(nodeModules);
  if (start === -1) return void 0;
  const nameStart = start + nodeModules.length;
  let end = file.indexOf(sep, nameStart);
  if (file.charCodeAt(nameStart) === 64 && end !== -1) end = file.indexOf(sep, end + 1);
  return end === -1 ? void 0 : file.slice(nameStart, end).replace(sep, "/");
}
var filesByPackage = /* @__PURE__ */ new Map();
var indexed = "";
function loadedFiles(name) {
  const files = Object.keys(commonJs._cache);
  const state = `${files.length} ${files.at(-1)}`;
  if (state !== indexed) {
    indexed = state;
    filesByPackage = /* @__PURE__ */ new Map();
    for (const file of files) {
      const owner = packageNameOfFile(file);
      if (owner === void 0 || file.endsWith(".json")) continue;
      const known = filesByPackage.get(owner);
      if (known) known.push(file);
      else filesByPackage.set(owner, [file]);
    }
  }
  const found = [];
  for (const file of filesByPackage.get(name) ?? []) {
    const module = commonJs._cache[file];
    if (module?.loaded) found.push([file, module]);
  }
  return found;
}
var copies = /* @__PURE__ */ new Map();
function copyOfFile(name, file) {
  const marker = `${nodeModules}${name.replace("/", sep)}${sep}`;
  const start = file.lastIndexOf(marker);
  if (start === -1) return void 0;
  const folder = file.slice(0, start + marker.length - 1);
  let copy = copies.get(folder);
  if (!copy) {
    copy = { folder, version: readVersion(folder), mainFile: mainFile(name, folder) };
    copies.set(folder, copy);
  }
  return copy;
}
function readVersion(folder) {
  try {
    const { version: version2 } = JSON.parse(readFileSync2(join(folder, "package.json"), "utf8"));
    return typeof version2 === "string" ? version2 : void 0;
  } catch {
    return void 0;
  }
}
function mainFile(name, folder) {
  const within = Module.createRequire(join(folder, "package.json"));
  for (const request of [name, folder]) {
    try {
      const file = within.resolve(request);
      if (file.startsWith(folder + sep)) return file;
    } catch {
    }
  }
  return void 0;
}
function isNamedFile(name, folder, file, fileName) {
  const inner = fileName.startsWith(`${name}/`) ? fileName.slice(name.length + 1) : fileName;
  const relative = file.slice(folder.length + 1).replaceAll(sep, "/");
  return relative === inner || relative.replace(/(\/index)?\.[cm]?js$/, "") === inner;
}

// src/patching/conflicts.ts
var singletons = {
  "prom-client": "metrics that the service registers in the other copy are missing from /metrics",
  "@opentelemetry/api": "spans and baggage of code that uses the other copy may be lost"
};
var agents = [
  "dd-trace",
  "@sentry/node",
  "@opentelemetry/sdk-node",
  "newrelic",
  "elastic-apm-node",
  "applicationinsights",
  "@splunk/otel",
  "@instana/collector"
];
function watchForConflicts(watch, report) {
  for (const [name, consequence] of Object.entries(singletons)) {
    const copies2 = /* @__PURE__ */ new Map();
    let said = false;
    const see = (file) => {
      const copy = copyOfFile(name, file);
      if (copy) copies2.set(copy.folder, copy);
      if (said || copies2.size < 2) return;
      said = true;
      const places = [...copies2.values()].map(({ folder, version: version2 }) => `${version2 ?? "?"} in ${folder}`);
      report(
        new ObservabilityError(
          "OBS_DUPLICATE_PACKAGE",
          `There are two copies of ${name} (${places.join("; ")}): ${consequence}.`,
          {
            fix: `Make it one: \`npm ls ${name}\` shows who brings it; align the versions and run \`npm dedupe\`.`
          }
        )
      );
    };
    for (const [file] of loadedFiles(name)) see(file);
    watch.watch(name, (_module, file) => see(file));
  }
  const sayAgent = onceEach(
    (name) => report(
      new ObservabilityError(
        "OBS_OTHER_AGENT",
        `${name} is loaded in this process as well: requests are traced twice, at twice the cost.`,
        {
          fix: `Remove ${name}, or switch one of the two off while you compare them (OTEL_SDK_DISABLED=true for Throughline).`
        }
      )
    )
  );
  for (const name of agents) {
    if (loadedFiles(name).length > 0) sayAgent(name);
    else watch.watch(name, () => sayAgent(name));
  }
}
function onceEach(say) {
  const said = /* @__PURE__ */ new Set();
  return (name) => {
    if (said.has(name)) return;
    said.add(name);
    say(name);
  };
}

// src/export/export-connections.ts
import { readFileSync as readFileSync3 } from "fs";
function exportConnections({
  certificate,
  clientCertificate,
  clientKey
}) {
  const tls = { ca: read(certificate), cert: read(clientCertificate), key: read(clientKey) };
  const agents2 = [];
  return {
    tls,
    async createAgent(protocol) {
      const { Agent } = protocol === "https:" ? await import("https") : await import("http");
      const agent = new Agent({ keepAlive: true, ...tls });
      agents2.push(agent);
      return agent;
    },
    cut() {
      for (const agent of agents2) agent.destroy();
    }
  };
}
function read(file) {
  try {
    return file === void 0 ? void 0 : readFileSync3(file, "utf8");
  } catch {
    return void 0;
  }
}

export {
  breachesAtStart,
  contractBreached,
  emptyDiagnosis,
  errorType,
  redacted,
  createQueryRedaction,
  redactUrl,
  createTextRedaction,
  createLineValues,
  checkBoolean,
  parsePairs,
  isObjectWith,
  quoted,
  endOfAcceptance,
  correlation,
  setCorrelation,
  callingContext,
  activeTrace,
  traceFields,
  jsonMembers,
  textSuffix,
  levelOrder,
  isErrorLevel,
  checkLogLevel,
  checkRatio,
  optionTable,
  commonJs,
  packageNameOfFile,
  loadedFiles,
  copyOfFile,
  isNamedFile,
  singletons,
  agents,
  watchForConflicts,
  audit,
  exportConnections
};
//# sourceMappingURL=chunk-OKTRVW2Y.js.map