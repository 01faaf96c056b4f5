import {
  SeriesCounter,
  SeriesGauge,
  SeriesHistogram,
  createCounter,
  createDatabaseMetrics,
  createGauge,
  createHistogram,
  createHttpMetrics,
  durationBuckets,
  exemplarOfSpan,
  overflowLabel,
  registerMetric
} from "./chunk-WWVNV2PO.js";
import {
  processState
} from "./chunk-FKH6QDU2.js";
import {
  aggregators,
  negotiateFormat,
  openMetricsContentType,
  textContentType,
  writeMetrics
} from "./chunk-FHM7RHAG.js";
import {
  activeTrace,
  audit,
  breachesAtStart,
  callingContext,
  checkBoolean,
  checkLogLevel,
  checkRatio,
  commonJs,
  contractBreached,
  copyOfFile,
  correlation,
  createLineValues,
  createQueryRedaction,
  emptyDiagnosis,
  endOfAcceptance,
  errorType,
  exportConnections,
  isErrorLevel,
  isNamedFile,
  isObjectWith,
  jsonMembers,
  levelOrder,
  loadedFiles,
  optionTable,
  packageNameOfFile,
  quoted,
  redactUrl,
  setCorrelation,
  textSuffix,
  traceFields,
  watchForConflicts
} from "./chunk-OKTRVW2Y.js";
import {
  version
} from "./chunk-5UVLWR2H.js";
import {
  contractRules,
  labelRule,
  metricCheck
} from "./chunk-HYO6SFH6.js";
import {
  identityLabelOf,
  identityLabels,
  readServicePackage,
  resolveIdentity
} from "./chunk-K5GWHKQH.js";
import {
  ObservabilityError,
  nearestName
} from "./chunk-M47XFLI6.js";

// src/model/environment.ts
function readEnvironment() {
  return { ...process.env };
}

// src/cluster/serve-metrics.ts
import { isMainThread as isMainThread4 } from "worker_threads";

// src/metrics/bearer-token.ts
import { createHash, timingSafeEqual } from "crypto";
function isAuthorized(request, token) {
  const given = /^Bearer (.+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
  const digest = (text) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(token));
}

// src/model/client-address.ts
import { isIP } from "net";
function forwardedClientAddress(headers) {
  const forwarded = headers.forwarded;
  if (typeof forwarded === "string") {
    const match = /(?:^|[;,\s])for="?(\[[^\]]+\]|[^";,\s]+)/i.exec(forwarded);
    const address = match?.[1] && withoutPort(match[1]);
    if (address) return address;
  }
  const list = headers["x-forwarded-for"];
  if (typeof list === "string") {
    const comma = list.indexOf(",");
    return withoutPort((comma === -1 ? list : list.slice(0, comma)).trim());
  }
  return void 0;
}
function withoutIpv4Mapping(address) {
  return address?.startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}
function withoutPort(text) {
  if (isIP(text)) return text;
  const bracketed = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1];
  if (bracketed) return isIP(bracketed) ? bracketed : void 0;
  const colon = text.lastIndexOf(":");
  const host = colon === -1 ? "" : text.slice(0, colon);
  return isIP(host) === 4 ? host : void 0;
}

// src/timing/once-per-interval.ts
function oncePerInterval(intervalMillis, say) {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (...args) => {
    const now = performance.now();
    if (now < quietUntil) return;
    quietUntil = now + intervalMillis;
    say(...args);
  };
}

// src/control/request-body.ts
var maxBodyBytes = 4096;
var RequestRefused = class extends Error {
  constructor(status, message, headers = {}) {
    super(message);
    this.status = status;
    this.headers = headers;
  }
  status;
  headers;
};
async function readJsonObject(request) {
  const contentType = request.headers["content-type"] ?? "";
  if (!/^application\/json\s*(;|$)/i.test(contentType)) {
    throw new RequestRefused(415, "The body must be JSON, with content-type: application/json.");
  }
  const tooLarge = () => new RequestRefused(413, `The body may have ${maxBodyBytes} bytes.`, { connection: "close" });
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks = [];
  let sizeBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBodyBytes) throw tooLarge();
    chunks.push(chunk);
  }
  let value;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new RequestRefused(400, "The body is not JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new RequestRefused(400, "The body must be a JSON object.");
  }
  return value;
}

// src/control/control-handler.ts
var controlPath = "/observability";
var doctorPath = "doctor";
var methods = "GET, HEAD, PUT, DELETE";
var refusalIntervalMillis = 6e4;
function createControlHandler(controls, token, logger2, { furtherControl, diagnose, changed } = {}) {
  const sayRefused = oncePerInterval(
    refusalIntervalMillis,
    (address) => logger2.warn("Live control: a request without the right token was refused.", { remote_address: address })
  );
  return (request, response) => {
    answer(request, response).catch((error) => {
      if (error instanceof RequestRefused) {
        send(response, error.status, { error: { message: error.message } }, error.headers);
      } else if (error instanceof ObservabilityError) {
        const { code, message, fix } = error;
        send(response, 400, { error: { code, message, fix } });
      } else {
        send(response, 500, { error: { message: "This could not be done." } });
      }
      request.resume();
    });
  };
  async function answer(request, response) {
    if (token === void 0) throw new RequestRefused(404, "There is nothing here.");
    const address = withoutIpv4Mapping(request.socket?.remoteAddress);
    if (!isAuthorized(request, token)) {
      sayRefused(address);
      throw new RequestRefused(401, "A bearer token is needed.", { "www-authenticate": "Bearer" });
    }
    const path = pathBelow(request);
    if (path === "" || path === "plugins") {
      if (!isRead(request)) throw new RequestRefused(405, "Only GET.", { allow: "GET, HEAD" });
      const prefix = path === "" ? "" : "plugins/";
      const found = [...controls].filter(([name]) => name.startsWith(prefix));
      send(
        response,
        200,
        Object.fromEntries(found.map(([name, control3]) => [name, shown(control3)])),
        {},
        request
      );
      return;
    }
    if (path === doctorPath && diagnose) {
      if (request.method !== "POST") throw new RequestRefused(405, "Only POST.", { allow: "POST" });
      send(response, 200, await diagnose(await diagnoseOptions(request)));
      return;
    }
    const control2 = controls.get(path) ?? furtherControl?.(path);
    if (!control2) {
      throw new RequestRefused(
        404,
        `There is no '${path.slice(0, 64)}'; here are ${[...controls.keys()].join(", ")}.`
      );
    }
    if (request.method === "PUT") await change(path, control2, request, address);
    else if (request.method === "DELETE") {
      const previous = control2.value();
      control2.setting.reset();
      sayChanged(path, control2, previous, address);
      changed?.({ path, value: void 0, forSeconds: void 0 });
    } else if (!isRead(request)) throw new RequestRefused(405, `Only ${methods}.`, { allow: methods });
    send(response, 200, shown(control2), {}, request);
  }
  async function change(path, control2, request, address) {
    const { member: member2, setting } = control2;
    const body = await readJsonObject(request);
    const unknown = Object.keys(body).find((key3) => key3 !== member2 && key3 !== "forSeconds");
    if (unknown !== void 0) {
      throw new RequestRefused(
        400,
        `'${unknown.slice(0, 64)}' is not known; the body takes ${member2} and forSeconds.`
      );
    }
    if (!Object.hasOwn(body, member2)) throw new RequestRefused(400, `The body has no ${member2}.`);
    const { [member2]: value, forSeconds } = body;
    const previous = control2.value();
    setting.set(value, {
      ...forSeconds === void 0 ? {} : { forSeconds },
      onReturn: () => audit(logger2, `Live control: ${path} went back.`, { setting: path, value: control2.value() })
    });
    sayChanged(path, control2, previous, address);
    changed?.({ path, value, forSeconds });
  }
  function sayChanged(path, control2, previous, address) {
    audit(logger2, `Live control: ${path} was changed.`, {
      setting: path,
      value: control2.value(),
      previous,
      until: control2.setting.state().until?.toISOString() ?? null,
      remote_address: address
    });
  }
}
async function diagnoseOptions(request) {
  const body = await readJsonObject(request);
  const unknown = Object.keys(body).find((key3) => key3 !== "testLine");
  if (unknown !== void 0) {
    throw new RequestRefused(400, `'${unknown.slice(0, 64)}' is not known; the body takes testLine.`);
  }
  const { testLine = false } = body;
  if (typeof testLine !== "boolean") throw new RequestRefused(400, "testLine takes true or false.");
  return { testLine };
}
function shown({ member: member2, setting, value }) {
  return { [member2]: value(), until: setting.state().until?.toISOString() ?? null };
}
var isRead = ({ method }) => method === "GET" || method === "HEAD";
function pathBelow(request) {
  const path = (request.originalUrl ?? request.url ?? "").split("?", 1)[0] ?? "";
  const start2 = path.indexOf(`${controlPath}/`);
  const below = start2 === -1 ? "" : path.slice(start2 + controlPath.length + 1).replace(/\/+$/, "");
  try {
    return decodeURIComponent(below);
  } catch {
    return below;
  }
}
function send(response, status, body, headers = {}, request) {
  if (response.headersSent) return;
  response.writeHead(status, {
    "content-type": "application/json; charset=utf-8",
    "cache-control": "no-store",
    ...headers
  });
  response.end(request?.method === "HEAD" ? void 0 : `${JSON.stringify(body)}
`);
}

// src/lifecycle/health.ts
var defaultTimeoutMillis = 2e3;
function createHealth() {
  const readiness = /* @__PURE__ */ new Map();
  const liveness = /* @__PURE__ */ new Map();
  let isStopping = false;
  const add = (checks) => (name, run, { timeoutMillis = defaultTimeoutMillis } = {}) => {
    const check2 = { run, timeoutMillis };
    checks.set(name, check2);
    return () => {
      if (checks.get(name) === check2) checks.delete(name);
    };
  };
  const report = async (kind) => {
    if (kind === "readiness" && isStopping) return { status: "stopping" };
    const checks = await runAll(kind === "readiness" ? readiness : liveness);
    const failing = Object.values(checks).some(({ status }) => status === "failing");
    return { status: failing ? "failing" : "ok", checks };
  };
  return {
    addReadinessCheck: add(readiness),
    addLivenessCheck: add(liveness),
    report,
    readinessHandler: healthHandler(() => report("readiness")),
    livenessHandler: healthHandler(() => report("liveness")),
    stopping() {
      isStopping = true;
    }
  };
}
async function runAll(checks) {
  const results = await Promise.all(
    [...checks].map(async ([name, check2]) => [name, await runOne(check2)])
  );
  return Object.fromEntries(results);
}
async function runOne({ run, timeoutMillis }) {
  const startMillis = performance.now();
  let timer;
  const result = (error) => ({
    status: error === void 0 ? "ok" : "failing",
    durationMillis: Math.round(performance.now() - startMillis),
    ...error === void 0 ? {} : { error }
  });
  try {
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMillis} ms`)), timeoutMillis);
    });
    const passed = await Promise.race([(async () => run())(), timeout]);
    return result(passed === false ? "the check returned false" : void 0);
  } catch (error) {
    return result(error instanceof Error ? error.message : String(error));
  } finally {
    clearTimeout(timer);
  }
}
function healthHandler(report) {
  return (_request, response) => {
    void report().then((body) => {
      response.writeHead(body.status === "ok" ? 200 : 503, {
        "content-type": "application/json; charset=utf-8",
        "cache-control": "no-store"
      });
      response.end(`${JSON.stringify(body)}
`);
    });
  };
}

// src/metrics/endpoint.ts
import { createServer } from "http";
import { promisify } from "util";
import { gzip } from "zlib";

// src/http/incoming.ts
import http from "http";
import https from "https";
import net from "net";
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { RPCType, setRPCMetadata, suppressTracing } from "@opentelemetry/core";

// src/http/server-request.ts
import {
  SpanKind,
  SpanStatusCode
} from "@opentelemetry/api";
import { getRPCMetadata } from "@opentelemetry/core";

// src/http/host-header.ts
function parseHost(header) {
  if (header === void 0 || header.length > 255) return void 0;
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i.exec(header);
  if (!match?.[1]) return void 0;
  const port = match[2] === void 0 ? void 0 : Number(match[2]);
  if (port !== void 0 && port > 65535) return void 0;
  return { host: match[1].startsWith("[") ? match[1].slice(1, -1) : match[1], port };
}

// src/http/methods.ts
var knownMethods = /* @__PURE__ */ new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "DELETE",
  "CONNECT",
  "OPTIONS",
  "TRACE",
  "PATCH",
  "QUERY"
]);
function methodLabel(method) {
  return method !== void 0 && knownMethods.has(method) ? method : "_OTHER";
}

// src/http/response-header.ts
function sentHeader(response, name) {
  const value = response.getHeader(name);
  if (value !== void 0) return value;
  const { _header: text } = response;
  if (typeof text === "string") return lineOf(text, name);
  return response.stream?.sentHeaders?.[name];
}
function lineOf(headerText, name) {
  for (const line of headerText.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon === name.length && line.slice(0, colon).toLowerCase() === name)
      return line.slice(colon + 1).trim();
  }
  return void 0;
}

// src/http/server-request.ts
var ServerRequest = class {
  constructor(settings, request, parentContext, withSpan2) {
    this.settings = settings;
    this.request = request;
    this.method = methodLabel(request.method);
    this.span = settings.tracer.startSpan(
      this.method === "_OTHER" ? "HTTP" : this.method,
      { kind: SpanKind.SERVER, attributes: startAttributes(settings, request, this.method) },
      parentContext
    );
    this.context = withSpan2(parentContext, this.span);
    settings.recorder.started(this.method);
  }
  settings;
  request;
  context;
  span;
  route;
  resolveRoute;
  error;
  hasError = false;
  ended = false;
  method;
  startMillis = performance.now();
  recordError(error) {
    if (this.ended || this.hasError && this.error === error) return;
    this.hasError = true;
    this.error = error;
    this.span.recordException(
      typeof error === "object" && error !== null ? error : String(error)
    );
  }
  /** The response was handed over completely, or the connection closed before that. */
  end(response, complete) {
    if (this.ended) return;
    const statusCode = response.headersSent ? response.statusCode : void 0;
    const { captureResponseHeaders } = this.settings;
    if (captureResponseHeaders.length > 0 && this.span.isRecording()) {
      this.span.setAttributes(
        headerAttributes(
          "http.response.header.",
          captureResponseHeaders,
          (name) => sentHeader(response, name)
        )
      );
    }
    this.finish(statusCode, complete || isEventStream(response) ? void 0 : "client_disconnected");
  }
  /** For requests without a response object (upgrades and CONNECT). */
  endWithStatus(statusCode) {
    this.finish(statusCode, statusCode === void 0 ? "client_disconnected" : void 0);
  }
  finish(statusCode, connectionError) {
    if (this.ended) return;
    this.ended = true;
    const durationSeconds = (performance.now() - this.startMillis) / 1e3;
    const { span } = this;
    const route = this.finalRoute();
    const isServerError = statusCode !== void 0 && statusCode >= 500;
    const type = this.hasError ? errorType(this.error) : isServerError ? String(statusCode) : connectionError;
    if (statusCode !== void 0) span.setAttribute("http.response.status_code", statusCode);
    if (type !== void 0) span.setAttribute("error.type", type);
    if (route !== void 0) {
      span.setAttribute("http.route", route);
      span.updateName(`${this.method === "_OTHER" ? "HTTP" : this.method} ${route}`);
    }
    if (isServerError || this.hasError && statusCode === void 0) {
      const message = this.hasError && this.error instanceof Error ? this.error.message : void 0;
      span.setStatus({ code: SpanStatusCode.ERROR, ...message ? { message } : {} });
    }
    span.end();
    const measurement = {
      method: this.method,
      route,
      statusCode,
      errorType: type,
      durationSeconds,
      span,
      path: requestTarget(this.request.url).path
    };
    this.settings.recorder.ended(measurement);
    const { accessLog: accessLog2, contextManager } = this.settings;
    if (accessLog2) contextManager.with(this.context, accessLog2, void 0, measurement);
  }
  finalRoute() {
    if (this.resolveRoute) {
      try {
        const resolved = this.resolveRoute(this.request);
        if (resolved !== void 0) return resolved;
      } catch {
      }
    }
    return this.route ?? getRPCMetadata(this.context)?.route;
  }
};
function isEventStream(response) {
  if (!response.headersSent) return false;
  const contentType = sentHeader(response, "content-type");
  return typeof contentType === "string" && contentType.startsWith("text/event-stream");
}
function startAttributes(settings, request, method) {
  const { headers } = request;
  const socket = request.socket;
  const scheme = socket?.encrypted ? "https" : "http";
  const target = requestTarget(request.url);
  const attributes = {
    "http.request.method": method,
    "url.scheme": scheme,
    "url.path": target.path,
    "network.protocol.version": request.httpVersion === "2.0" ? "2" : request.httpVersion
  };
  if (method === "_OTHER" && request.method !== void 0) {
    attributes["http.request.method_original"] = request.method.slice(0, 64);
  }
  if (target.query !== "") attributes["url.query"] = settings.redactQuery(target.query);
  const server = serverAddress(headers.host ?? headers[":authority"]);
  if (server) {
    attributes["server.address"] = server.host;
    attributes["server.port"] = server.port ?? (scheme === "https" ? 443 : 80);
  }
  const peerAddress = withoutIpv4Mapping(socket?.remoteAddress);
  const clientAddress = (settings.trustForwardedHeaders ? forwardedClientAddress(headers) : void 0) ?? peerAddress;
  if (clientAddress !== void 0) attributes["client.address"] = clientAddress;
  if (peerAddress !== void 0) {
    attributes["network.peer.address"] = peerAddress;
    attributes["network.peer.port"] = socket?.remotePort;
  }
  const userAgent = headers["user-agent"];
  if (userAgent !== void 0) attributes["user_agent.original"] = userAgent;
  if (settings.captureRequestHeaders.length > 0) {
    Object.assign(
      attributes,
      headerAttributes("http.request.header.", settings.captureRequestHeaders, (name) => headers[name])
    );
  }
  return attributes;
}
function headerAttributes(prefix, names, read) {
  const attributes = {};
  for (const name of names) {
    const value = read(name);
    if (value !== void 0) attributes[prefix + name] = Array.isArray(value) ? [...value] : [String(value)];
  }
  return attributes;
}
function requestTarget(url) {
  if (url === void 0 || url === "") return { path: "/", query: "" };
  let target = url;
  if (target.charCodeAt(0) !== 47) {
    const schemeEnd = target.indexOf("://");
    if (schemeEnd > 0) {
      const pathStart = target.indexOf("/", schemeEnd + 3);
      target = pathStart === -1 ? "/" : target.slice(pathStart);
    }
  }
  const question = target.indexOf("?");
  return question === -1 ? { path: target, query: "" } : { path: target.slice(0, question), query: target.slice(question + 1) };
}
var parsedHosts = /* @__PURE__ */ new Map();
function serverAddress(header) {
  if (header === void 0) return void 0;
  let parsed = parsedHosts.get(header);
  if (parsed === void 0 && !parsedHosts.has(header)) {
    parsed = parseHost(header);
    if (parsedHosts.size >= 16) parsedHosts.clear();
    parsedHosts.set(header, parsed);
  }
  return parsed;
}

// src/http/incoming.ts
var observed = /* @__PURE__ */ Symbol.for("throughline.http.server-request");
var unobserved = /* @__PURE__ */ Symbol.for("throughline.http.unobserved-server");
var stopObserver = /* @__PURE__ */ Symbol.for("throughline.http.stop-observer");
function excludeServer(server) {
  Object.defineProperty(server, unobserved, { value: true });
}
function serverRequestOf(request) {
  return request[observed];
}
function observeIncomingRequests(options) {
  const isIgnored = createPathFilter(options.ignoreIncomingPaths);
  let active = true;
  const holder = net.Server.prototype;
  holder[stopObserver]?.();
  const restores = [net.Server.prototype, http.Server.prototype, https.Server.prototype].filter((prototype) => prototype === net.Server.prototype || Object.hasOwn(prototype, "emit")).map(
    (prototype) => replaceEmit(prototype, (inherited) => {
      const emit = function emit2(event, ...args) {
        switch (event) {
          case "request":
          case "checkContinue":
          case "checkExpectation":
            return observeRequest(this, inherited, event, args);
          case "upgrade":
          case "connect":
            return observeUpgrade(this, inherited, event, args);
          default:
            return inherited.call(this, event, ...args);
        }
      };
      return emit;
    })
  );
  const stop = () => {
    active = false;
    for (const restore of restores) restore();
    if (holder[stopObserver] === stop) holder[stopObserver] = void 0;
  };
  holder[stopObserver] = stop;
  return stop;
  function observeRequest(server, inherited, event, args) {
    const request = args[0];
    const response = args[1];
    if (!active || request === void 0 || observed in request) {
      return inherited.call(server, event, ...args);
    }
    if (unobserved in server || isIgnored(request)) return ignored(server, inherited, event, args);
    const operation = startOperation(request);
    if (!operation) return inherited.call(server, event, ...args);
    response[observed] = operation;
    options.writeId?.(response, operation.context);
    request.emit = emitOfRequest;
    response.emit = emitOfResponse;
    return options.contextManager.with(operation.context, inherited, server, event, ...args);
  }
  function observeUpgrade(server, inherited, event, args) {
    const request = args[0];
    const socket = args[1];
    if (event === "connect" && "writeHead" in socket) return observeRequest(server, inherited, event, args);
    if (!active || request === void 0 || observed in request) {
      return inherited.call(server, event, ...args);
    }
    if (unobserved in server || isIgnored(request)) return ignored(server, inherited, event, args);
    const operation = startOperation(request);
    if (!operation) return inherited.call(server, event, ...args);
    endAtFirstWrite(socket, operation);
    return options.contextManager.with(operation.context, inherited, server, event, ...args);
  }
  function ignored(server, inherited, event, args) {
    args[0][observed] = void 0;
    return options.contextManager.with(
      suppressTracing(options.contextManager.active()),
      inherited,
      server,
      event,
      ...args
    );
  }
  function startOperation(request) {
    try {
      const parent = options.propagator.extract(ROOT_CONTEXT, request, headerGetter);
      const operation = new ServerRequest(options, request, parent, withServerSpan);
      request[observed] = operation;
      return operation;
    } catch {
      return void 0;
    }
  }
  function emitOfRequest(...args) {
    const emit = Object.getPrototypeOf(this).emit;
    const operation = this[observed];
    return operation ? options.contextManager.with(operation.context, emit, this, ...args) : emit.apply(this, args);
  }
  function emitOfResponse(...args) {
    const emit = Object.getPrototypeOf(this).emit;
    const operation = this[observed];
    if (!operation) return emit.apply(this, args);
    const event = args[0];
    if (event === "error") operation.recordError(args[1]);
    try {
      return options.contextManager.with(operation.context, emit, this, ...args);
    } finally {
      if (event === "finish") operation.end(this, true);
      else if (event === "close") operation.end(this, this.writableFinished);
    }
  }
}
function withServerSpan(parent, span) {
  return setRPCMetadata(trace.setSpan(parent, span), { type: RPCType.HTTP, span });
}
var headerGetter = {
  lowerCaseNames: true,
  readOnce: true,
  keys: (request) => Object.keys(request.headers),
  get: (request, name) => request.headers[name],
  peerAddress: (request) => request.socket?.remoteAddress
};
function createPathFilter(paths) {
  const exact = new Set(paths.filter((path) => typeof path === "string"));
  const patterns = paths.filter((path) => path instanceof RegExp);
  return (request) => {
    const { path } = requestTarget(request.url);
    if (exact.has(path)) return true;
    for (const pattern of patterns) {
      pattern.lastIndex = 0;
      if (pattern.test(path)) return true;
    }
    return false;
  };
}
function endAtFirstWrite(socket, operation) {
  const { write, end } = socket;
  const ownMethods = Object.hasOwn(socket, "write") || Object.hasOwn(socket, "end");
  const restore = () => {
    if (ownMethods) Object.assign(socket, { write, end });
    else for (const name of ["write", "end"]) Reflect.deleteProperty(socket, name);
    socket.off("close", onClose);
  };
  const onWrite = (chunk) => {
    restore();
    const text = typeof chunk === "string" || Buffer.isBuffer(chunk) ? chunk.toString("latin1", 0, 16) : "";
    operation.endWithStatus(Number(/^HTTP\/1\.[01] (\d{3})/.exec(text)?.[1]) || void 0);
  };
  const onClose = () => {
    restore();
    operation.endWithStatus(void 0);
  };
  socket.write = function firstWrite(...args) {
    onWrite(args[0]);
    return Reflect.apply(write, this, args);
  };
  socket.end = function firstEnd(...args) {
    if (args[0] !== void 0 && typeof args[0] !== "function") onWrite(args[0]);
    return Reflect.apply(end, this, args);
  };
  socket.once("close", onClose);
}
function replaceEmit(prototype, wrap) {
  const own = Object.getOwnPropertyDescriptor(prototype, "emit");
  const replacement = wrap(prototype.emit);
  Object.defineProperty(prototype, "emit", {
    value: replacement,
    configurable: true,
    writable: true,
    enumerable: false
  });
  return () => {
    if (Object.getOwnPropertyDescriptor(prototype, "emit")?.value !== replacement) return;
    if (own) Object.defineProperty(prototype, "emit", own);
    else Reflect.deleteProperty(prototype, "emit");
  };
}

// src/timing/pace.ts
import { setImmediate as nextTurn } from "timers/promises";
var maxStretchMillis = 8;
function startPace() {
  let startMillis = performance.now();
  return {
    isDue: () => performance.now() - startMillis >= maxStretchMillis,
    async giveWay() {
      await nextTurn();
      startMillis = performance.now();
    }
  };
}

// src/instruments/series-key.ts
function seriesKey(value) {
  return `${value.metricName ?? ""}\0${labelsKey(value.sharedLabels, value.labels)}`;
}
function labelsKey(first, second) {
  const parts = [];
  for (const labels of [first, second]) {
    for (const name in labels) {
      const value = labels[name];
      if (value !== void 0 && value !== "") parts.push(`${name}\0${value}`);
    }
  }
  return parts.sort().join("\0");
}

// src/metrics/collect.ts
var collectTimeoutMillis = 5e3;
function createCollector(complaints) {
  const hanging = /* @__PURE__ */ new WeakSet();
  return async function collect(registries, {
    timeoutMillis = collectTimeoutMillis,
    further = async () => ({ metrics: [], errors: [] })
  } = {}) {
    const pace = startPace();
    const others = further(timeoutMillis).catch(
      (cause) => ({ metrics: [], errors: [cause] })
    );
    const pending = [];
    const seen = /* @__PURE__ */ new Set();
    for (const registry of new Set(registries)) {
      const { _defaultLabels } = registry;
      for (const metric of registry.getMetricsAsArray()) {
        if (seen.has(metric)) continue;
        seen.add(metric);
        pending.push(collectOne(metric, _defaultLabels ?? {}, timeoutMillis));
        if (pace.isDue()) await pace.giveWay();
      }
    }
    const byName2 = /* @__PURE__ */ new Map();
    for (const collected of await Promise.all(pending)) if (collected) add(byName2, collected);
    const { metrics: metrics2, errors } = await others;
    for (const cause of errors) complaints.collectFailed("of the OpenTelemetry API", cause);
    for (const snapshot of metrics2) add(byName2, { snapshot, labelNames: labelNamesOf(snapshot) });
    return Array.from(byName2.values(), ({ snapshot }) => snapshot);
  };
  async function collectOne(metric, defaultLabels, timeoutMillis) {
    try {
      const snapshot = withDefaultLabels(await answerOf(metric, timeoutMillis), defaultLabels);
      const labelNames = /* @__PURE__ */ new Set([...metric.labelNames ?? [], ...Object.keys(defaultLabels)]);
      return { snapshot, labelNames };
    } catch (cause) {
      complaints.collectFailed(metric.name, cause);
      return void 0;
    }
  }
  async function answerOf(metric, timeoutMillis) {
    if (hanging.has(metric)) throw new Error("it has not answered an earlier scrape yet");
    let timer;
    const answer = metric.getForPromString ? metric.getForPromString() : metric.get();
    const timeout = new Promise((_, reject) => {
      timer = setTimeout(() => {
        hanging.add(metric);
        const over = () => hanging.delete(metric);
        answer.then(over, over);
        reject(new Error(`no answer within ${timeoutMillis} ms`));
      }, timeoutMillis);
      timer.unref();
    });
    try {
      return await Promise.race([answer, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
  function add(byName2, collected) {
    const { name, type } = collected.snapshot;
    const first = byName2.get(name);
    if (!first) {
      byName2.set(name, collected);
      return;
    }
    const other = [...collected.labelNames].filter((label) => !first.labelNames.has(label));
    if (first.snapshot.type !== type || other.length > 0) {
      complaints.conflicting(
        name,
        first.snapshot.type === type ? `with the labels [${[...first.labelNames].join(", ")}] and with [${[...collected.labelNames].join(", ")}]` : `as a ${first.snapshot.type} and as a ${type}`
      );
      return;
    }
    const known = new Set(first.snapshot.values.map(seriesKey));
    const values = collected.snapshot.values.filter((value) => !known.has(seriesKey(value)));
    if (values.length === 0) return;
    const snapshot = { ...first.snapshot, values: [...first.snapshot.values, ...values] };
    byName2.set(name, { ...first, snapshot });
  }
}
function withDefaultLabels(snapshot, defaultLabels) {
  if (Object.keys(defaultLabels).length === 0) return snapshot;
  return {
    ...snapshot,
    values: snapshot.values.map(({ sharedLabels, ...value }) => ({
      ...value,
      labels: { ...defaultLabels, ...sharedLabels, ...value.labels }
    }))
  };
}
function labelNamesOf({ values }) {
  const names = /* @__PURE__ */ new Set();
  const addNames = (labels) => {
    for (const name in labels) if (name !== "le") names.add(name);
  };
  for (const value of values) {
    addNames(value.labels);
    addNames(value.sharedLabels);
  }
  return names;
}

// src/metrics/endpoint.ts
var minGzipBytes = 1024;
var compress = promisify(gzip);
function createMetricsHandler(render, token) {
  return (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    if (token !== void 0 && !isAuthorized(request, token)) {
      response.writeHead(401, { "www-authenticate": "Bearer" }).end();
      return;
    }
    answer(request, response).catch((error) => {
      if (!response.headersSent) response.writeHead(error instanceof ObservabilityError ? 503 : 500);
      response.end();
    });
  };
  async function answer(request, response) {
    const { contentType, chunks } = await render(request.headers.accept, collectTimeoutOf(request));
    const pace = startPace();
    const written = [];
    for (const chunk of chunks) {
      written.push(Buffer.from(chunk));
      if (!pace.isDue()) continue;
      await pace.giveWay();
      if (response.destroyed) return;
    }
    const plain = Buffer.concat(written);
    const zipped = plain.length >= minGzipBytes && acceptsGzip(request) ? await compress(plain) : void 0;
    const sent = zipped ?? plain;
    response.writeHead(200, {
      "content-type": contentType,
      "content-length": sent.length,
      "cache-control": "no-store",
      vary: "accept, accept-encoding",
      ...zipped ? { "content-encoding": "gzip" } : {}
    });
    response.end(request.method === "HEAD" ? void 0 : sent);
  }
}
function collectTimeoutOf(request) {
  const seconds = Number(request.headers["x-prometheus-scrape-timeout-seconds"]);
  return seconds > 0 ? Math.min(seconds * 800, collectTimeoutMillis) : void 0;
}
function acceptsGzip(request) {
  return /(^|,)\s*gzip\s*(;\s*q=(1|0?\.\d*[1-9])[^,]*)?(,|$)/i.test(
    String(request.headers["accept-encoding"] ?? "")
  );
}
async function listenForScrapes(options, handlers, report, hidden) {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0] ?? "";
    const isHidden = hidden !== void 0 && (path === hidden.path || path.startsWith(`${hidden.path}/`));
    const handler = Object.hasOwn(handlers, path) ? handlers[path] : isHidden ? hidden.handler : void 0;
    if (handler) {
      handler(request, response);
      return;
    }
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" }).end(`Here are ${Object.keys(handlers).join(", ")}
`);
  });
  excludeServer(server);
  server.unref();
  server.on("connection", (socket) => socket.unref());
  try {
    await new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen({ port: options.port, host: options.host, exclusive: true }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    const inUse = cause.code === "EADDRINUSE";
    report(
      inUse ? new ObservabilityError(
        "OBS_METRICS_PORT_IN_USE",
        `Port ${options.port} is taken; metrics are not served.`,
        { cause }
      ) : new ObservabilityError(
        "OBS_METRICS_ENDPOINT_FAILED",
        `The metrics endpoint could not listen on ${options.host ?? "all addresses"}, port ${options.port}: ${cause.message}.`,
        { cause }
      )
    );
    return { port: void 0, close: async () => {
    } };
  }
  server.on("error", () => {
  });
  return {
    port: server.address().port,
    close: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    })
  };
}

// src/cluster/shared-metric.ts
var seriesPerPart = 100;
function* toSharedMetrics(snapshot) {
  const { name, help, type, aggregator, isSum } = snapshot;
  const head = { name, help, type, aggregator: aggregatorOf(type, aggregator, isSum) };
  let series = [];
  for (const one of seriesOf(snapshot)) {
    if (series.length === seriesPerPart) {
      yield { ...head, series };
      series = [];
    }
    series.push(one);
  }
  yield { ...head, series };
}
function seriesOf(snapshot) {
  const boundLabel = boundLabelOf(snapshot.type);
  return boundLabel === void 0 ? singleSeries(snapshot) : groupedSeries(snapshot, boundLabel);
}
function* singleSeries({ name, values }) {
  for (const sample of values) {
    yield [textLabels(sample.sharedLabels, sample.labels), [toSharedSample(name, sample, void 0)]];
  }
}
function groupedSeries({ name, values }, boundLabel) {
  const series = /* @__PURE__ */ new Map();
  let shared;
  let samples;
  for (const sample of values) {
    if (!samples || shared === void 0 || sample.sharedLabels !== shared) {
      const labels = textLabels(sample.sharedLabels, sample.labels, boundLabel);
      const key3 = labelsKey2(labels);
      samples = series.get(key3)?.[1];
      if (!samples) {
        samples = [];
        series.set(key3, [labels, samples]);
      }
      shared = sample.sharedLabels;
    }
    samples.push(toSharedSample(name, sample, boundLabel));
  }
  return series.values();
}
function toSharedSample(name, { value, labels, metricName, exemplar }, boundLabel) {
  const suffix = metricName?.startsWith(name) ? metricName.slice(name.length) : "";
  const bound = boundLabel === void 0 ? null : sharedBound(labels?.[boundLabel]);
  return exemplar ? [suffix, bound, sharedNumber(value), exemplar] : [suffix, bound, sharedNumber(value)];
}
function pushValues(values, { name, type }, [sharedLabels, samples]) {
  const boundLabel = boundLabelOf(type) ?? "le";
  for (const [suffix, bound, value, exemplar] of samples) {
    values.push({
      value: Number(value),
      ...suffix === "" ? {} : { metricName: name + suffix },
      ...bound === null ? {} : { labels: { [boundLabel]: bound } },
      sharedLabels,
      exemplar: exemplar ?? null
    });
  }
}
function boundLabelOf(type) {
  return type === "histogram" ? "le" : type === "summary" ? "quantile" : void 0;
}
function aggregatorOf(type, given, isSum) {
  if (given !== void 0 && aggregators.includes(given)) return given;
  if (type === "info") return "first";
  return type === "gauge" && isSum === false ? "each" : "sum";
}
function textLabels(shared, labels, without2) {
  const all = shared && labels ? { ...labels, ...shared } : shared ?? labels ?? {};
  const text = {};
  for (const name of Object.keys(all).sort()) {
    const value = all[name];
    if (name !== without2 && value !== void 0 && value !== "") text[name] = String(value);
  }
  return text;
}
function labelsKey2(labels) {
  let key3 = "";
  for (const name in labels) key3 += `${name}\0${labels[name]}\0`;
  return key3;
}
function sharedNumber(value) {
  return Number.isFinite(value) ? value : String(value);
}
function sharedBound(bound) {
  return bound === Number.POSITIVE_INFINITY ? "+Inf" : bound ?? null;
}

// src/cluster/merged-metrics.ts
var workerLabel = "worker";
var MergedMetrics = class {
  constructor(settings) {
    this.settings = settings;
  }
  settings;
  byName = /* @__PURE__ */ new Map();
  add(metric, source) {
    const aggregator = this.aggregatorFor(metric);
    if (aggregator === "omit") return;
    if (!source.isCurrent && !isTotal(metric)) return;
    if (aggregator === "each" && !source.speaksForProcess && metric.name.startsWith("process_")) return;
    if (metric.type === "info" && aggregator === "first" && this.byName.has(metric.name)) return;
    const merged = this.metricOf(metric);
    if (!merged) return;
    for (const [labels, samples] of metric.series) {
      if (aggregator === "each") {
        addSeries(merged, "first", withWorker(labels, source.worker), samples);
        continue;
      }
      if (metric.type !== "summary") {
        addSeries(merged, aggregator, labels, samples);
        continue;
      }
      const isQuantile2 = ([, bound]) => bound !== null;
      addSeries(
        merged,
        aggregator,
        labels,
        samples.filter((sample) => !isQuantile2(sample))
      );
      if (!source.isCurrent || this.settings.hasWorkerLabel === false) continue;
      addSeries(merged, "first", withWorker(labels, source.worker), samples.filter(isQuantile2));
    }
  }
  /**
   * Keeps the totals of a process that is gone.
   *
   * @param maxSeries of one metric; beyond them, new ones go to the overflow series
   */
  keepTotals(metric, maxSeries, overflowed) {
    if (!isTotal(metric)) return;
    const merged = this.metricOf(metric);
    if (!merged) return;
    for (const [labels, samples] of metric.series) {
      const totals = metric.type === "summary" ? samples.filter(([, bound]) => bound === null) : samples;
      const isNew = !merged.series.has(labelsKey2(labels));
      if (isNew && merged.series.size >= maxSeries && !(overflowLabel in labels)) {
        overflowed(metric.name);
        addSeries(merged, "sum", { [overflowLabel]: "true" }, totals);
      } else addSeries(merged, "sum", labels, totals);
    }
  }
  *shared() {
    for (const metric of this.byName.values()) {
      for (const series of metric.series.values()) yield { ...metric, series: [toSharedSeries(series)] };
    }
  }
  async snapshots() {
    const pace = startPace();
    const snapshots = [];
    for (const { series, ...metric } of this.byName.values()) {
      const values = [];
      for (const { labels, samples } of series.values()) {
        pushValues(values, metric, [
          labels,
          samples.map((sample) => [
            sample.suffix,
            sample.bound,
            sharedNumber(resultOf(sample, metric.aggregator)),
            sample.exemplar ?? null
          ])
        ]);
        if (pace.isDue()) await pace.giveWay();
      }
      snapshots.push({ ...metric, values });
    }
    return snapshots;
  }
  metricOf({ name, help, type, aggregator }) {
    let merged = this.byName.get(name);
    if (!merged) {
      merged = { name, help, type, aggregator, series: /* @__PURE__ */ new Map() };
      this.byName.set(name, merged);
    }
    if (merged.type === type) return merged;
    this.settings.conflicting(name, `as a ${merged.type} and as a ${type} in two processes`);
    return void 0;
  }
  aggregatorFor({ name, type, aggregator }) {
    const agreed = this.byName.get(name)?.aggregator ?? aggregator;
    if (agreed !== "each" || this.settings.hasWorkerLabel !== false) return agreed;
    return totalTypes.has(type) ? "sum" : "omit";
  }
};
var totalTypes = /* @__PURE__ */ new Set(["counter", "histogram", "summary"]);
function isTotal({ type, aggregator }) {
  return aggregator === "sum" && totalTypes.has(type);
}
function withWorker(labels, worker) {
  const { [workerLabel]: own, ...others } = labels;
  return {
    ...others,
    ...own === void 0 ? {} : { [`exported_${workerLabel}`]: own },
    [workerLabel]: worker
  };
}
function addSeries(metric, aggregator, labels, samples) {
  if (samples.length === 0) return;
  const key3 = labelsKey2(labels);
  const known = metric.series.get(key3);
  if (!known) {
    metric.series.set(key3, { labels, samples: samples.map(toMerged) });
    return;
  }
  if (aggregator === "first") return;
  const isAlike = samples.length === known.samples.length && samples.every((sample, index) => isSame(sample, known.samples[index]));
  const aligned = isAlike || metric.type !== "histogram" ? samples : alignBuckets(known, samples);
  for (const [index, sample] of aligned.entries()) {
    const into = isAlike ? known.samples[index] : known.samples.find((other) => isSame(sample, other));
    if (into) addSample(into, aggregator, sample);
    else known.samples.push(toMerged(sample));
  }
}
var isSame = ([suffix, bound], known) => known.suffix === suffix && known.bound === bound;
function toMerged([suffix, bound, value, exemplar, remainder = 0]) {
  return { suffix, bound, value: Number(value), remainder, exemplar: exemplar ?? void 0, count: 1 };
}
function toSharedSeries({ labels, samples }) {
  return [
    labels,
    samples.map(({ suffix, bound, value, exemplar, remainder }) => [
      suffix,
      bound,
      sharedNumber(value),
      exemplar ?? null,
      remainder
    ])
  ];
}
function addSample(into, aggregator, [, , given, exemplar, remainder = 0]) {
  const value = Number(given);
  into.count++;
  if (aggregator === "min") into.value = Math.min(into.value, value);
  else if (aggregator === "max") into.value = Math.max(into.value, value);
  else {
    const sum = into.value + value;
    const added2 = sum - into.value;
    const lost = into.value - (sum - added2) + (value - added2);
    into.remainder = Number.isFinite(sum) ? into.remainder + lost + remainder : 0;
    into.value = sum;
  }
  if (exemplar && !(into.exemplar && into.exemplar.timestamp >= exemplar.timestamp)) into.exemplar = exemplar;
}
function resultOf({ value, remainder, count }, aggregator) {
  const sum = value + remainder;
  return aggregator === "average" ? sum / count : sum;
}
function alignBuckets(known, samples) {
  const knownBuckets = known.samples.filter(({ suffix }) => suffix === "_bucket");
  const given = samples.filter(isBucket).map(([, bound, value]) => ({ bound, value: Number(value) }));
  const lacks = (buckets) => (bucket) => !buckets.some(({ bound }) => bound === bucket.bound);
  for (const { bound } of given.filter(lacks(knownBuckets))) {
    known.samples.push(toMerged(["_bucket", bound, countBelow(knownBuckets, bound)]));
  }
  known.samples.sort(compareBounds);
  const added2 = knownBuckets.filter(lacks(given));
  return [
    ...samples,
    ...added2.map(({ bound }) => ["_bucket", bound, countBelow(given, bound)])
  ];
}
function countBelow(buckets, bound) {
  return buckets.reduce(
    (found, other) => upper(other.bound) < upper(bound) ? Math.max(found, other.value) : found,
    0
  );
}
var isBucket = ([suffix]) => suffix === "_bucket";
var upper = (bound) => bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound);
function compareBounds(a, b) {
  const [isBucketA, isBucketB] = [a, b].map(({ suffix }) => suffix === "_bucket");
  if (!isBucketA || !isBucketB) return Number(isBucketB) - Number(isBucketA);
  const [upperA, upperB] = [upper(a.bound), upper(b.bound)];
  return upperA === upperB ? 0 : upperA < upperB ? -1 : 1;
}

// src/cluster/process-group-scrape.ts
import { isMainThread as isMainThread3 } from "worker_threads";

// src/timing/within.ts
async function within(timeoutMillis, work) {
  let timer;
  const timeout = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), timeoutMillis);
  });
  try {
    return await Promise.race([Promise.allSettled(work).then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}

// src/cluster/children.ts
import { subscribe, unsubscribe } from "diagnostics_channel";

// src/cluster/process-group.ts
import { createHash as createHash2 } from "crypto";
import { readFileSync, readlinkSync } from "fs";
import { getEnvironmentData, isMainThread, setEnvironmentData, threadId } from "worker_threads";
var protocolVersion = 1;
var rootPidKey = "throughline.root-pid";
function clusterModule() {
  return process.getBuiltinModule("node:cluster");
}
function isClusterWorker() {
  return process.channel !== void 0 && clusterModule().isWorker;
}
function findProcessGroup({ serviceName, serviceNamespace }, { endpoint }) {
  const isWorker = isMainThread && isClusterWorker();
  if (isWorker) setEnvironmentData(rootPidKey, process.ppid);
  const known = isMainThread ? void 0 : getEnvironmentData(rootPidKey);
  const rootPid = isWorker ? process.ppid : typeof known === "number" ? known : process.pid;
  const { pid } = process;
  const told = [
    protocolVersion,
    rootPid,
    startOf(rootPid),
    pidNamespace(),
    serviceName,
    serviceNamespace,
    endpoint && [endpoint.host, endpoint.port, endpoint.path, endpoint.token]
  ];
  return {
    key: createHash2("sha256").update(JSON.stringify(told)).digest("hex").slice(0, 16),
    isRoot: isMainThread && !isWorker,
    pid,
    id: `${pid}-${threadId}-${Math.random().toString(36).slice(2, 10)}`
  };
}
function startOf(pid) {
  try {
    const stat3 = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat3.slice(stat3.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
function pidNamespace() {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

// src/cluster/children.ts
function onFirstWorker(tell) {
  let timer;
  const childMade = () => {
    timer ??= setImmediate(() => {
      timer = void 0;
      if (hasClusterWorkers()) found();
    });
  };
  const found = () => {
    stop();
    tell();
  };
  const stop = () => {
    clearImmediate(timer);
    unsubscribe("child_process", childMade);
    unsubscribe("worker_threads", found);
  };
  subscribe("child_process", childMade);
  subscribe("worker_threads", found);
  if (process.getActiveResourcesInfo().includes("ProcessWrap")) childMade();
  return stop;
}
function hasClusterWorkers() {
  return Object.keys(clusterModule().workers ?? {}).length > 0;
}

// src/cluster/election.ts
import { connect, createServer as createServer2 } from "net";
import { setTimeout as delay } from "timers/promises";
var refusedAgainMillis = 30;
var maxRounds = 50;
async function elect(place) {
  for (let round = 0; round < maxRounds; round++) {
    const numbers = await place.leaders();
    const last = numbers.at(-1) ?? 0;
    if (last > 0) {
      const socket = await reach(place.socket(last));
      if (socket) return { isLeader: false, socket };
      if (process.platform !== "win32" && !(await place.leaders()).includes(last)) continue;
    }
    const number = process.platform === "win32" ? 1 : last + 1;
    const server = await lead(place.socket(number));
    if (server) return { isLeader: true, server, number };
  }
  throw new Error("no leader was found, and none could be made");
}
async function reach(path) {
  for (let attempt = 0; ; attempt++) {
    try {
      return await connected(path);
    } catch (error) {
      const { code } = error;
      if (code === "ENOENT") return void 0;
      if (code !== "ECONNREFUSED" && code !== "EAGAIN" && code !== "EPIPE" && code !== "ECONNRESET")
        throw error;
      if (code === "ECONNREFUSED" && attempt > 0) return void 0;
      if (attempt > maxRounds) throw error;
      await delay(refusedAgainMillis);
    }
  }
}
async function isListenedOn(path) {
  const socket = await reach(path).catch(() => void 0);
  socket?.destroy();
  return socket !== void 0;
}
function connected(path) {
  return new Promise((resolve, reject) => {
    const socket = connect({ path });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}
function lead(path) {
  return new Promise((resolve, reject) => {
    const server = createServer2();
    server.once("error", (error) => {
      if (error.code === "EADDRINUSE") resolve(void 0);
      else reject(error);
    });
    server.listen({ path, exclusive: true }, () => {
      server.removeAllListeners("error");
      server.on("error", () => {
      });
      server.unref();
      resolve(server);
    });
  });
}

// src/cluster/group-folder.ts
import { lstatSync, mkdirSync, rmSync } from "fs";
import { readdir, rm, stat } from "fs/promises";
import { tmpdir, userInfo } from "os";
import { join } from "path";
var isWindows = process.platform === "win32";
var maxSocketPathBytes = 103;
var leftoverMillis = 36e5;
function openMeetingPlace(key3) {
  const folder = openFolder(key3);
  const socket = (leader) => isWindows ? `\\\\.\\pipe\\throughline-${key3}` : socketPath(folder, leader);
  const leaders = async () => {
    if (isWindows) return [1];
    const names = await readdir(folder);
    return names.map((name) => Number(/^leader-(\d+)$/.exec(name)?.[1])).filter((leader) => leader > 0).sort((a, b) => a - b);
  };
  return {
    leaders,
    socket,
    async removeBefore(leader) {
      for (const earlier of await leaders()) if (earlier < leader) await rm(socket(earlier), { force: true });
    },
    stateFile: join(folder, "state"),
    remove: () => rm(folder, { recursive: true, force: true }),
    removeAtExit() {
      try {
        rmSync(folder, { recursive: true, force: true });
      } catch {
      }
    }
  };
}
async function isMeetingPlaceOpen(key3) {
  for (const base of bases()) {
    try {
      await stat(join(base, ownFolderName(), key3));
      return true;
    } catch {
    }
  }
  return false;
}
async function removeLeftovers(key3, isAlive) {
  for (const base of bases()) {
    const own = join(base, ownFolderName());
    for (const name of await readdir(own).catch(() => [])) {
      if (name === key3 || !/^[0-9a-f]{16}$/.test(name)) continue;
      const folder = join(own, name);
      const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs < leftoverMillis) continue;
      const sockets = (await readdir(folder).catch(() => [])).filter((file) => file.startsWith("leader-"));
      const alive = await Promise.all(sockets.map((file) => isAlive(join(folder, file))));
      if (!alive.includes(true)) await rm(folder, { recursive: true, force: true }).catch(() => {
      });
    }
  }
}
function openFolder(key3) {
  const failures = [];
  for (const base of bases()) {
    try {
      const own = join(base, ownFolderName());
      makePrivate(own);
      const folder = join(own, key3);
      const longest = socketPath(folder, 99999);
      if (!isWindows && Buffer.byteLength(longest) > maxSocketPathBytes) {
        throw new Error(`the path ${longest} is too long for a socket`);
      }
      makePrivate(folder);
      return folder;
    } catch (error) {
      failures.push(error.message);
    }
  }
  throw new Error(failures.join("; "));
}
var socketPath = (folder, leader) => join(folder, `leader-${leader}`);
function bases() {
  return process.platform === "linux" ? [tmpdir(), "/dev/shm"] : [tmpdir()];
}
var ownFolderName = () => `throughline-${process.getuid?.() ?? userInfo().username}`;
function makePrivate(folder) {
  try {
    mkdirSync(folder, { mode: 448 });
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  const { mode, uid } = lstatSync(folder);
  if (isWindows) return;
  const isFolder = (mode & 61440) === 16384;
  if (!isFolder || uid !== process.getuid?.() || (mode & 63) !== 0) {
    throw new Error(`${folder} is not a private folder of this user`);
  }
}

// src/cluster/leader.ts
import { isMainThread as isMainThread2 } from "worker_threads";

// src/cluster/adaptive-timeout.ts
var leastShare = 0.05;
function createPatience() {
  let share = 1;
  return {
    millis: (usualMillis) => usualMillis * share,
    answered() {
      share = Math.min(1, share * 2);
    },
    silent() {
      share = Math.max(leastShare, share / 4);
    }
  };
}

// src/cluster/cluster-health.ts
function combineHealth(ownWorker, own, others, root) {
  if (others.length === 0) return own;
  const all = [[ownWorker, own], ...others];
  const isStopping = ({ status: status2 }) => status2 === "stopping";
  const rootReport = all.find(([worker]) => worker === root)?.[1];
  const status = rootReport && isStopping(rootReport) || all.every(([, report]) => isStopping(report)) ? "stopping" : all.some(([, report]) => report.status === "failing") ? "failing" : "ok";
  return {
    ...own,
    status,
    workers: Object.fromEntries(others.map(([worker, report]) => [worker, report]))
  };
}

// src/cluster/ledger.ts
import { open, readFile, rename } from "fs/promises";

// src/cluster/metric-lines.ts
async function* linesOf(metrics2) {
  const pace = startPace();
  for (const metric of metrics2) {
    for (const part of toSharedMetrics(metric)) {
      yield JSON.stringify(part);
      if (pace.isDue()) await pace.giveWay();
    }
  }
}
async function* readLines(lines) {
  const pace = startPace();
  for (const line of lines) {
    yield JSON.parse(line);
    if (pace.isDue()) await pace.giveWay();
  }
}

// src/cluster/ledger.ts
var comesBackMillis = 6e4;
var maxGone = 100;
var maxKeptIds = 1e3;
var Ledger = class {
  constructor(settings) {
    this.settings = settings;
    this.kept = new MergedMetrics(settings);
  }
  settings;
  entries = /* @__PURE__ */ new Map();
  kept;
  /** Whose totals are in `kept`. */
  keptIds = [];
  keptText;
  all() {
    return this.entries.values();
  }
  get(id) {
    return this.entries.get(id);
  }
  add(id, pid, worker) {
    const entry = {
      id,
      pid,
      worker,
      lines: [],
      isCurrent: false,
      goneSinceMillis: void 0,
      isExpected: false
    };
    this.entries.set(id, entry);
    return entry;
  }
  /** Whether the totals of this one are with those of the others that are gone. */
  hasKept(id) {
    return this.keptIds.includes(id);
  }
  /** Puts the totals of those that do not come back together. */
  async settle(nowMillis = performance.now()) {
    const gone = [...this.entries.values()].filter(({ goneSinceMillis }) => goneSinceMillis !== void 0);
    const tooMany = gone.length - maxGone;
    for (const [index, entry] of gone.entries()) {
      if (index >= tooMany && nowMillis - (entry.goneSinceMillis ?? nowMillis) < comesBackMillis) continue;
      const { maxSeriesPerMetric, overflowed } = this.settings;
      for await (const metric of readLines(entry.lines))
        this.kept.keepTotals(metric, maxSeriesPerMetric, overflowed);
      this.entries.delete(entry.id);
      this.keptIds = [...this.keptIds, entry.id].slice(-maxKeptIds);
      this.keptText = void 0;
    }
  }
  /** Whether there has never been anybody but one. */
  get isOfOne() {
    return this.entries.size <= 1 && this.keptIds.length === 0;
  }
  /** Everything as it is now: what is answered and what is left to the next leader must not differ. */
  copy() {
    return Array.from(this.entries.values(), (entry) => ({ ...entry }));
  }
  /** The metrics of all as one. Those that are gone, or have not answered, count with what they had. */
  async merged(entries) {
    const pace = startPace();
    const merged = new MergedMetrics(this.settings);
    const spoken = /* @__PURE__ */ new Set();
    for (const entry of [...entries].sort((a, b) => Number(a.worker) - Number(b.worker))) {
      const source = { ...entry, speaksForProcess: entry.isCurrent && !spoken.has(entry.pid) };
      if (entry.isCurrent) spoken.add(entry.pid);
      for await (const metric of readLines(entry.lines)) merged.add(metric, source);
    }
    for (const metric of this.kept.shared()) {
      merged.add(metric, { worker: "", isCurrent: false, speaksForProcess: false });
      if (pace.isDue()) await pace.giveWay();
    }
    return await merged.snapshots();
  }
  /** Writes it all down for the next leader. A reader finds the old text or the new one, never half of one. */
  async save(file, entries) {
    const unfinished = `${file}.new`;
    const handle = await open(unfinished, "w", 384);
    try {
      await handle.write(`${JSON.stringify({ keptIds: this.keptIds })}
`);
      this.keptText ??= await keptText(this.kept);
      await handle.write(this.keptText);
      for (const { id, pid, worker, lines } of entries) {
        await handle.write(`${JSON.stringify({ id, pid, worker })}
`);
        await handle.write(linesText(lines));
      }
      await handle.write(endOfState);
    } finally {
      await handle.close();
    }
    await rename(unfinished, file);
  }
  /**
   * Takes over what the last leader wrote, if there was one: everybody in it is taken for gone until it comes.
   *
   * @throws when the file cannot be read, or is not whole
   */
  async load(file, nowMillis = performance.now()) {
    let text;
    try {
      text = await readFile(file, "utf8");
    } catch (error) {
      if (error.code === "ENOENT") return;
      throw error;
    }
    if (!text.endsWith(endOfState)) throw new Error("it is not whole");
    const pace = startPace();
    const kept = new MergedMetrics(this.settings);
    const found = [];
    let keptIds = [];
    for (const line of text.split("\n")) {
      if (pace.isDue()) await pace.giveWay();
      if (line.startsWith(lineMark)) {
        const metric = line.slice(lineMark.length);
        const entry = found.at(-1);
        if (entry) entry.lines.push(metric);
        else kept.keepTotals(JSON.parse(metric), Number.POSITIVE_INFINITY, () => {
        });
      } else if (line !== "" && line !== endOfState.trim()) {
        const head = JSON.parse(line);
        if (head.keptIds) keptIds = head.keptIds;
        else
          found.push({ ...head, lines: [], isCurrent: false, goneSinceMillis: nowMillis, isExpected: true });
      }
    }
    this.kept = kept;
    this.keptIds = keptIds;
    this.keptText = void 0;
    for (const entry of found) if (!this.entries.has(entry.id)) this.entries.set(entry.id, entry);
  }
};
var lineMark = "M";
var endOfState = "end\n";
function linesText(lines) {
  let text = "";
  for (const line of lines) text += `${lineMark}${line}
`;
  return text;
}
async function keptText(kept) {
  const pace = startPace();
  let text = "";
  for (const metric of kept.shared()) {
    text += `${lineMark}${JSON.stringify(metric)}
`;
    if (pace.isDue()) await pace.giveWay();
  }
  return text;
}

// src/cluster/link.ts
var metricsMark = "M";
var maxMessageCharacters = 256 * 1024 * 1024;
var pieceCharacters = 65536;
function openLink(socket, listener) {
  let rest = [];
  let metrics2;
  let characters = 0;
  let sending = Promise.resolve();
  socket.unref();
  socket.setEncoding("utf8");
  socket.on("data", (chunk) => {
    try {
      take(chunk);
    } catch {
      socket.destroy();
    }
  });
  socket.on("error", () => {
  });
  socket.once("close", () => listener.closed());
  function take(chunk) {
    characters += chunk.length;
    if (characters > maxMessageCharacters) throw new Error("too long");
    const lines = chunk.split("\n");
    const [first = ""] = lines;
    if (lines.length === 1) {
      rest.push(first);
      return;
    }
    lines[0] = rest.join("") + first;
    rest = [lines.pop() ?? ""];
    for (const line of lines) takeLine(line);
  }
  function takeLine(line) {
    if (line.startsWith(metricsMark)) {
      metrics2?.lines.push(line.slice(metricsMark.length));
      return;
    }
    const message = JSON.parse(line);
    if (message.say === "metrics") metrics2 = { request: message.request, lines: [] };
    else if (message.say !== "end") listener.heard(message);
    else if (metrics2) {
      const { request, lines } = metrics2;
      metrics2 = void 0;
      characters = 0;
      listener.gotMetrics(request, lines);
    }
    if (!metrics2) characters = 0;
  }
  function say(message) {
    if (socket.writable) socket.write(`${JSON.stringify(message)}
`);
  }
  async function send2(request, lines) {
    say({ say: "metrics", request });
    let piece = "";
    for await (const line of lines) {
      piece += `${metricsMark}${line}
`;
      if (piece.length < pieceCharacters) continue;
      if (socket.writable) socket.write(piece);
      piece = "";
    }
    piece += `${JSON.stringify({ say: "end" })}
`;
    await new Promise((resolve) => {
      if (!socket.writable) resolve();
      else socket.write(piece, () => resolve());
    });
  }
  return {
    say,
    sendMetrics(request, lines) {
      const sent = sending.then(() => send2(request, lines));
      sending = sent.catch(() => {
      });
      return sent;
    },
    close: () => socket.destroySoon()
  };
}

// src/cluster/requests.ts
function createRequests() {
  const open3 = /* @__PURE__ */ new Map();
  let last = 0;
  return {
    /** Resolves with the answer; with undefined if none came in time, or the other side is gone. */
    ask(timeoutMillis, send2) {
      const request = ++last;
      return new Promise((resolve) => {
        const timer = setTimeout(() => done(void 0), timeoutMillis);
        timer.unref();
        const done = (answer) => {
          clearTimeout(timer);
          open3.delete(request);
          resolve(answer);
        };
        open3.set(request, done);
        send2(request);
      });
    },
    answered(request, answer) {
      open3.get(request)?.(answer);
    },
    giveUp() {
      for (const done of [...open3.values()]) done(void 0);
    }
  };
}

// src/cluster/leader.ts
var callbackShare = 0.8;
var lateTimeoutMillis = 6e5;
var healthTimeoutMillis = 3e3;
var saveTimeoutMillis = 1e3;
var noAnswer = {
  status: "failing",
  durationMillis: healthTimeoutMillis,
  error: `no answer within ${healthTimeoutMillis} ms`
};
var returnMillis = 5e3;
async function beLeader(server, place, context11, earlierWorker) {
  const { group, settings, complain } = context11;
  const ledger = new Ledger(settings);
  const members = /* @__PURE__ */ new Set();
  const startMillis = performance.now();
  let collecting;
  let saving = Promise.resolve();
  const stateFailed = (what, cause) => complain(
    "state_unusable",
    () => new ObservabilityError(
      "OBS_CLUSTER_STATE_FAILED",
      `What the processes of the service have counted could not be ${what}: ${cause.message}.`,
      { cause }
    )
  );
  const whenLoaded = ledger.load(place.stateFile).catch((cause) => stateFailed("read", cause));
  server.on("connection", (socket) => {
    let member2;
    const link = openLink(socket, {
      heard(message) {
        if (message.say === "hello") {
          void whenLoaded.then(() => {
            member2 = welcome(message, link);
          });
        } else if (message.say === "collect") {
          void answerMember(link, message.request, message.timeoutMillis).catch(() => {
          });
        } else if (message.say === "change") {
          context11.heard(message.change);
          tell(message.change, member2);
        } else if (message.say === "healthy") {
          member2?.health.answered(message.request, message.report);
        }
      },
      gotMetrics(request, lines) {
        void whenLoaded.then(() => {
          if (!member2) return;
          member2.entry.lines = lines;
          if (request === void 0) void take(link);
          else member2.metrics.answered(request, lines);
        });
      },
      closed() {
        if (!member2) return;
        members.delete(member2);
        if (![...members].some(({ entry }) => entry === member2?.entry)) {
          member2.entry.goneSinceMillis = performance.now();
        }
        member2.metrics.giveUp();
        member2.health.giveUp();
      }
    });
  });
  await whenLoaded;
  const leaveNothing = () => {
    if (members.size === 0) place.removeAtExit();
  };
  if (group.isRoot) process.once("exit", leaveNothing);
  const own = ledger.get(group.id) ?? ledger.add(group.id, group.pid, workerFor(earlierWorker, group.isRoot));
  own.goneSinceMillis = void 0;
  own.isExpected = false;
  return {
    isLeader: true,
    worker: own.worker,
    isPortHeld: () => [...members].some(({ holdsPort }) => holdsPort),
    collect,
    async health(kind) {
      const asked = [...members].map(async (member2) => {
        const report = await member2.health.ask(
          healthTimeoutMillis,
          (request) => member2.link.say({ say: "health", request, kind })
        );
        const silent2 = { status: "failing", checks: { answer: noAnswer } };
        return [member2.entry.worker, report ?? silent2, report !== void 0 || members.has(member2)];
      });
      const [ownReport, ...answers] = await Promise.all([context11.health(kind), ...asked]);
      const reports = answers.filter(([, , isThere]) => isThere);
      const root = group.isRoot ? own.worker : [...members].find(({ isRoot }) => isRoot)?.entry.worker;
      return combineHealth(own.worker, ownReport, reports, root);
    },
    tell,
    async handOver() {
      if (isNeeded()) {
        await collectOwn();
        await save(ledger.copy());
      }
      return true;
    },
    async close() {
      process.off("exit", leaveNothing);
      const isLeft = isNeeded();
      if (isLeft) {
        await collectOwn();
        await save(ledger.copy());
      }
      await new Promise((resolve) => {
        server.close(() => resolve());
        for (const { link } of members) link.close();
      });
      if (!isLeft) await place.remove().catch(() => {
      });
    }
  };
  function tell(change, except) {
    for (const member2 of members) if (member2 !== except) member2.link.say({ say: "change", change });
  }
  function isNeeded() {
    return members.size > 0 || !isMainThread2 || !group.isRoot && process.connected;
  }
  function welcome(hello, link) {
    if (ledger.hasKept(hello.id)) {
      link.say({ say: "too-late" });
      link.close();
      return void 0;
    }
    const known = ledger.get(hello.id);
    if (known && isTaken(known)) known.worker = workerFor(hello.worker, hello.isRoot);
    const entry = known ?? ledger.add(hello.id, hello.pid, workerFor(hello.worker, hello.isRoot));
    entry.goneSinceMillis = void 0;
    entry.isExpected = false;
    const member2 = {
      link,
      entry,
      isRoot: hello.isRoot,
      holdsPort: hello.holdsPort,
      patience: createPatience(),
      overdue: void 0,
      metrics: createRequests(),
      health: createRequests()
    };
    members.add(member2);
    link.say({ say: "welcome", worker: entry.worker });
    if (hello.worker === void 0)
      for (const change of context11.changes.inForce()) link.say({ say: "change", change });
    return member2;
  }
  function isTaken(entry) {
    return [...ledger.all()].some(
      (other) => other !== entry && other.worker === entry.worker && other.goneSinceMillis === void 0
    );
  }
  function workerFor(wanted, isRoot) {
    if (isRoot) return "0";
    const mayReturn = performance.now() - startMillis < returnMillis;
    const taken = /* @__PURE__ */ new Set();
    for (const { worker, goneSinceMillis, isExpected } of ledger.all()) {
      if (goneSinceMillis === void 0 || mayReturn && isExpected) taken.add(worker);
    }
    if (wanted !== void 0 && !taken.has(wanted)) return wanted;
    let free = 1;
    while (taken.has(String(free))) free++;
    return String(free);
  }
  function collect(timeoutMillis = collectTimeoutMillis) {
    collecting ??= collectAll(timeoutMillis).finally(() => {
      collecting = void 0;
    });
    return collecting;
  }
  async function collectAll(timeoutMillis) {
    if (group.isRoot && ledger.isOfOne) return await context11.collect(timeoutMillis);
    for (const entry of ledger.all()) entry.isCurrent = false;
    const asked = [...members];
    const callbackMillis = Math.round(timeoutMillis * callbackShare);
    const answers = await Promise.all([
      collectOwn(callbackMillis),
      ...asked.map((member2) => collectFrom(member2, timeoutMillis, callbackMillis))
    ]);
    await ledger.settle();
    const books = ledger.copy();
    if (!group.isRoot) await save(books);
    return [...await ledger.merged(books), membersMetric(answers)];
  }
  async function collectOwn(callbackMillis) {
    const lines = [];
    for await (const line of context11.lines(callbackMillis)) lines.push(line);
    own.lines = lines;
    own.isCurrent = true;
    return "answered";
  }
  async function collectFrom(member2, usualMillis, timeoutMillis) {
    const { entry, link, patience } = member2;
    if (member2.overdue) {
      silent(entry);
      return "missing";
    }
    const answer = member2.metrics.ask(
      lateTimeoutMillis,
      (request) => link.say({ say: "collect", request, timeoutMillis })
    );
    const waitMillis = Math.round(patience.millis(usualMillis));
    const inTime = await within(waitMillis, [answer]);
    if (inTime) {
      patience.answered();
      entry.isCurrent = await answer !== void 0;
      return entry.isCurrent ? "answered" : "gone";
    }
    member2.overdue = answer.finally(() => {
      member2.overdue = void 0;
    });
    patience.silent();
    silent(entry, waitMillis);
    return "missing";
  }
  function silent({ worker, pid }, waitedMillis) {
    const waited = waitedMillis === void 0 ? "has not answered an earlier scrape yet" : `did not answer within ${waitedMillis} ms`;
    complain(
      "member_silent",
      () => new ObservabilityError(
        "OBS_CLUSTER_SILENT",
        `Worker ${worker} (process ${pid}) ${waited}; the answer has its last known totals.`
      )
    );
  }
  async function take(link) {
    if (!group.isRoot) await save(ledger.copy());
    link.say({ say: "taken" });
  }
  async function save(books) {
    const saved = saving.then(() => ledger.save(place.stateFile, books));
    saving = saved.catch(() => {
    });
    const failed2 = (cause) => stateFailed("kept for the next process that answers", cause);
    saved.catch(failed2);
    const isInTime = await within(saveTimeoutMillis, [saved]);
    if (!isInTime) failed2(new Error(`it took longer than ${saveTimeoutMillis} ms`));
  }
  async function answerMember(link, request, timeoutMillis) {
    const metrics2 = await collect(timeoutMillis);
    await link.sendMetrics(request, linesOf(metrics2));
  }
}
function membersMetric(answers) {
  const count = (result) => ({
    labels: { result },
    value: answers.filter((answer) => answer === result).length
  });
  return {
    name: "throughline_cluster_members",
    help: "Processes and threads in this answer, and those that did not answer in time.",
    type: "gauge",
    values: [count("answered"), count("missing")]
  };
}

// src/cluster/live-changes.ts
function recordChanges() {
  const byPath = /* @__PURE__ */ new Map();
  return {
    made(change) {
      byPath.delete(change.path);
      if (change.value === void 0) return;
      const forSeconds = change.forSeconds ?? Number.POSITIVE_INFINITY;
      byPath.set(change.path, { change, untilMillis: performance.now() + forSeconds * 1e3 });
    },
    inForce() {
      const nowMillis = performance.now();
      return [...byPath.values()].filter(({ untilMillis }) => untilMillis > nowMillis).map(
        ({ change, untilMillis }) => change.forSeconds === void 0 ? change : { ...change, forSeconds: (untilMillis - nowMillis) / 1e3 }
      );
    }
  };
}

// src/cluster/member.ts
var leaderTimeoutMillis = 9e3;
var handOverTimeoutMillis = 2e3;
function beMember(socket, context11, worker, events) {
  const requests = createRequests();
  const taken = [];
  let isTooLate = false;
  let isClosing = false;
  let isGone = false;
  const link = openLink(socket, {
    heard(message) {
      switch (message.say) {
        case "welcome":
          events.welcomed(message.worker);
          break;
        case "too-late":
          isTooLate = true;
          break;
        case "collect":
          void link.sendMetrics(message.request, context11.lines(message.timeoutMillis)).catch(() => {
          });
          break;
        case "change":
          context11.heard(message.change);
          break;
        case "taken":
          taken.shift()?.(true);
          break;
        case "health": {
          const { request, kind } = message;
          void context11.health(kind).then((report) => link.say({ say: "healthy", request, report }));
          break;
        }
        default:
      }
    },
    gotMetrics(request, lines) {
      if (request !== void 0) requests.answered(request, lines);
    },
    closed() {
      isGone = true;
      requests.giveUp();
      for (const answer of taken.splice(0)) answer(false);
      if (!isClosing) events.left(isTooLate);
    }
  });
  const { id, pid, isRoot } = context11.group;
  link.say({ say: "hello", id, pid, isRoot, holdsPort: context11.holdsPort(), worker });
  const handOver = async () => {
    const answer = new Promise((resolve) => taken.push(resolve));
    void link.sendMetrics(void 0, context11.lines()).catch(() => {
    });
    const isInTime = await within(handOverTimeoutMillis, [answer]);
    return isInTime && await answer;
  };
  return {
    isLeader: false,
    async collect(timeoutMillis) {
      const lines = await requests.ask(
        leaderTimeoutMillis,
        (request) => link.say({ say: "collect", request, timeoutMillis })
      );
      if (lines) return await snapshotsOf(lines);
      if (isGone) return void 0;
      const error = () => new ObservabilityError(
        "OBS_CLUSTER_SILENT",
        "The process that collects for all did not answer in time."
      );
      context11.complain("leader_silent", error);
      throw error();
    },
    health: context11.health,
    tell: (change) => link.say({ say: "change", change }),
    handOver,
    async close() {
      isClosing = true;
      await handOver();
      link.close();
    }
  };
}
async function snapshotsOf(lines) {
  const byName2 = /* @__PURE__ */ new Map();
  for await (const { series, ...metric } of readLines(lines)) {
    let snapshot = byName2.get(metric.name);
    if (!snapshot) {
      snapshot = { ...metric, values: [] };
      byName2.set(metric.name, snapshot);
    }
    for (const one of series) pushValues(snapshot.values, metric, one);
  }
  return [...byName2.values()];
}

// src/cluster/process-group-scrape.ts
var joinTimeoutMillis = 2e3;
var attempts = 3;
var portRetryMillis = 250;
var portPatienceMillis = 5e3;
var threadPatienceMillis = 6e4;
var firstRejoinMillis = 1e3;
var lastRejoinMillis = 6e4;
function answerForAll({
  options,
  identity,
  collect,
  health,
  change,
  listen,
  settings,
  joining: begins,
  complain,
  report
}) {
  const group = findProcessGroup(identity, options);
  let role;
  let joining;
  let worker;
  let endpoint;
  let listening;
  let rejoinTimer;
  let rejoinMillis = firstRejoinMillis;
  let isOnItsOwn = group.isRoot;
  let isClosed = false;
  let wake = () => {
  };
  let settled = (_) => {
  };
  const ready = new Promise((resolve) => {
    settled = resolve;
  });
  const instance = {
    name: "throughline_worker_info",
    help: "The process or thread that a value of the label worker stands for.",
    type: "info",
    aggregator: "each",
    values: [{ labels: { service_instance_id: identity.instanceId }, value: 1 }]
  };
  const changes = recordChanges();
  const context11 = {
    group,
    collect,
    async *lines(timeoutMillis) {
      yield* linesOf([...await collect(timeoutMillis), instance]);
    },
    health,
    heard(other) {
      changes.made(other);
      change(other);
    },
    changes,
    holdsPort: () => endpoint !== void 0,
    settings,
    complain
  };
  let unwatch = () => {
  };
  if (group.isRoot) {
    unwatch = onFirstWorker(() => void join3());
    listening = isMeetingPlaceOpen(group.key).then((isOpen) => {
      if (!isOpen) return takePort();
      listening = void 0;
      void join3();
    });
  } else {
    const hold = setTimeout(() => {
    }, joinTimeoutMillis);
    void ready.then(() => clearTimeout(hold));
    void join3();
  }
  return {
    ready,
    async collect(timeoutMillis) {
      const isAlone = group.isRoot && !role && !joining && !isClosed;
      if (isAlone && await isMeetingPlaceOpen(group.key)) void join3();
      for (let attempt = 0; attempt < attempts; attempt++) {
        await within(joinTimeoutMillis, [joining]);
        if (!role && isOnItsOwn) return await collect(timeoutMillis);
        const metrics2 = await role?.collect(timeoutMillis);
        if (metrics2) return metrics2;
      }
      const error = () => new ObservabilityError("OBS_CLUSTER_SILENT", "No process that collects for all was found in time.");
      complain("leader_silent", error);
      throw error();
    },
    health: (kind) => (role ?? context11).health(kind),
    tell(made) {
      changes.made(made);
      role?.tell(made);
    },
    async handOver() {
      for (let attempt = 0; attempt < attempts; attempt++) {
        await within(joinTimeoutMillis, [joining]);
        if (!role || await role.handOver()) return;
      }
    },
    async close() {
      isClosed = true;
      unwatch();
      clearTimeout(rejoinTimer);
      await within(joinTimeoutMillis, [joining]);
      const last = role;
      if (last?.isLeader === false) await last.close();
      wake();
      await listening;
      await endpoint?.close();
      if (last?.isLeader) await last.close();
      role = void 0;
      isOnItsOwn = true;
      settled({ port: void 0 });
    }
  };
  function join3() {
    clearTimeout(rejoinTimer);
    joining ??= tryToJoin().catch((cause) => {
      complain(
        "place_unusable",
        () => new ObservabilityError(
          "OBS_CLUSTER_UNAVAILABLE",
          `The processes of this service cannot meet: ${cause.message}.`,
          { cause }
        )
      );
      isOnItsOwn = true;
      listening ??= takePort();
      rejoinTimer = setTimeout(() => void join3(), rejoinMillis);
      rejoinTimer.unref();
      rejoinMillis = Math.min(rejoinMillis * 2, lastRejoinMillis);
    }).finally(() => {
      joining = void 0;
    });
    return joining;
  }
  async function tryToJoin() {
    if (isClosed) return;
    unwatch();
    begins();
    const place = openMeetingPlace(group.key);
    let isIn = false;
    while (!isIn && !isClosed) {
      const election = await elect(place);
      rejoinMillis = firstRejoinMillis;
      isIn = election.isLeader ? await leadFrom(place, election) : await follow(election.socket);
    }
  }
  async function leadFrom(place, { server, number }) {
    const leader = await beLeader(server, place, context11, worker);
    role = leader;
    isOnItsOwn = false;
    worker = leader.worker;
    await place.removeBefore(number);
    listening ??= takePort(leader);
    void removeLeftovers(group.key, isListenedOn);
    return true;
  }
  function follow(socket) {
    return new Promise((resolve) => {
      const member2 = beMember(socket, context11, worker, {
        welcomed(label) {
          worker = label;
          role = member2;
          isOnItsOwn = false;
          settled({ port: endpoint?.port, isElsewhere: endpoint === void 0 });
          resolve(true);
        },
        left(isTooLate) {
          const wasIn = role === member2;
          if (wasIn) role = void 0;
          if (isTooLate) {
            complain(
              "member_silent",
              () => new ObservabilityError(
                "OBS_CLUSTER_SILENT",
                "This process was out of reach for so long that the others count without it from now on."
              )
            );
          } else if (wasIn && !isClosed) void join3();
          resolve(isTooLate);
        }
      });
    });
  }
  async function takePort(leader) {
    await tryPort(leader);
    if (!endpoint) listening = void 0;
  }
  async function tryPort(leader) {
    if (!listen) {
      settled({ port: void 0 });
      return;
    }
    const startMillis = performance.now();
    let isSaid = false;
    while (!isClosed) {
      let failure;
      const attempt = await listen((error) => {
        failure = error;
      });
      if (!failure) {
        endpoint = attempt;
        settled({ port: attempt.port });
        return;
      }
      if (isClosed) return;
      const isInUse = failure.code === "OBS_METRICS_PORT_IN_USE";
      const mayBeFree = leader !== void 0 && role === leader && isInUse;
      const patienceMillis = isMainThread3 ? portPatienceMillis : threadPatienceMillis;
      const isOver = !mayBeFree || performance.now() - startMillis > patienceMillis;
      if (isOver && !isSaid && !leader?.isPortHeld()) {
        isSaid = true;
        report(failure);
      }
      const isElsewhere = leader !== void 0 && (leader.isPortHeld() || !isMainThread3);
      if (isOver || isElsewhere) settled({ port: void 0, isElsewhere });
      if (!mayBeFree) return;
      await pause(isSaid ? portPatienceMillis : portRetryMillis);
    }
  }
  function pause(millis) {
    return new Promise((resolve) => {
      wake = resolve;
      setTimeout(resolve, millis).unref();
    });
  }
}

// src/cluster/serve-metrics.ts
function serveMetrics({
  options,
  identity,
  metrics: metrics2,
  health,
  live,
  report
}) {
  const { endpoint, cluster, exporters, maxSeriesPerMetric } = options.metrics;
  const isScraped = exporters.includes("prometheus");
  let together;
  const healthOf = (kind) => healthHandler(() => together ? together.health(kind) : health.report(kind));
  const listen = isScraped && endpoint ? (say) => listenForScrapes(
    endpoint,
    {
      [endpoint.path]: metrics2.handler,
      "/livez": healthOf("liveness"),
      "/readyz": healthOf("readiness")
    },
    say,
    options.control.token === void 0 ? void 0 : { path: controlPath, handler: live.handler }
  ) : void 0;
  if (!isScraped || !cluster) {
    const listening = isMainThread4 ? listen?.(report) : void 0;
    return {
      ready: Promise.resolve(listening),
      handOver: async () => {
      },
      close: async () => (await listening)?.close()
    };
  }
  const said = /* @__PURE__ */ new Set();
  let count;
  together = answerForAll({
    options: options.metrics,
    identity,
    collect: metrics2.collect,
    health: health.report,
    change: live.apply,
    listen,
    settings: {
      maxSeriesPerMetric,
      overflowed: metrics2.complaints.overflowed,
      conflicting: metrics2.complaints.conflicting,
      hasWorkerLabel: !metrics2.contracted.drops(workerLabel)
    },
    joining() {
      count ??= metrics2.self.clusterFailures();
    },
    complain(reason, error) {
      count?.(reason);
      if (said.has(reason)) return;
      said.add(reason);
      report(error());
    },
    report
  });
  metrics2.answerWith(together.collect);
  live.onChange(together.tell);
  return together;
}

// src/timing/temporary-setting.ts
var maxSeconds = 86400;
function temporarySetting(name, check2, configured, apply) {
  let timer;
  let state = { value: configured, until: void 0 };
  const reject = (what, got) => {
    throw new ObservabilityError("OBS_OPTION_INVALID", `${what}; it got ${String(got)}.`);
  };
  const change = (value, until) => {
    clearTimeout(timer);
    state = { value, until };
    apply(value);
  };
  return {
    set(value, { forSeconds, onReturn } = {}) {
      try {
        check2(value);
      } catch (error) {
        reject(`${name} ${error.message}`, value);
      }
      if (forSeconds === void 0) {
        change(value, void 0);
        return;
      }
      if (typeof forSeconds !== "number" || !(forSeconds > 0 && forSeconds <= maxSeconds)) {
        reject(`forSeconds takes a number above 0 and at most ${maxSeconds}`, forSeconds);
      }
      change(value, new Date(Date.now() + forSeconds * 1e3));
      timer = setTimeout(() => {
        change(configured, void 0);
        onReturn?.();
      }, forSeconds * 1e3);
      timer.unref();
    },
    reset: () => change(configured, void 0),
    state: () => state,
    stop: () => clearTimeout(timer)
  };
}

// src/control/live-settings.ts
function createLiveSettings({
  options,
  logger: logger2,
  logLevel,
  sampler,
  plugins,
  diagnose
}) {
  const samplingRatio = temporarySetting("ratio", checkRatio, void 0, (ratio) => {
    sampler.setRatio(ratio);
    logger2.info(`Sampling ratio: ${ratio ?? "as configured"}.`);
  });
  const pluginSettings = new Map(
    plugins.names.map((name) => [
      name,
      temporarySetting("enabled", checkBoolean, true, (enabled) => {
        plugins.switch(name, enabled);
        logger2.info(`Plugin ${name}: ${plugins.isOn(name) ? "on" : "off"}.`);
      })
    ])
  );
  const controls = /* @__PURE__ */ new Map([
    ["log-level", control("level", logLevel.service, () => logger2.level)],
    ["sampling-ratio", control("ratio", samplingRatio, () => samplingRatio.state().value ?? null)]
  ]);
  for (const [name, setting] of pluginSettings) {
    controls.set(
      `plugins/${name}`,
      control("enabled", setting, () => plugins.isOn(name))
    );
  }
  const find = (path) => {
    const known = controls.get(path);
    if (known) return known;
    const name = /^log-level\/(.+)$/.exec(path)?.[1];
    if (name === void 0) return void 0;
    const setting = logLevel.child(name);
    return control("level", setting, () => setting.state().value ?? null);
  };
  let changed = (_) => {
  };
  return {
    setLogLevel: logLevel.set,
    setSamplingRatio: samplingRatio.set,
    setPluginEnabled(name, enabled, o) {
      const setting = pluginSettings.get(name);
      if (!setting) {
        throw new ObservabilityError(
          "OBS_OPTION_INVALID",
          `There is no plugin '${name}'; set up are: ${plugins.names.join(", ") || "none"}.`,
          { fix: "Use a name that observability.plugins lists." }
        );
      }
      setting.set(enabled, o);
    },
    handler: createControlHandler(controls, options.control.token, logger2, {
      furtherControl: find,
      diagnose,
      changed: (change) => changed(change)
    }),
    apply({ path, value, forSeconds }) {
      const setting = find(path)?.setting;
      if (value === void 0) setting?.reset();
      else setting?.set(value, forSeconds === void 0 ? {} : { forSeconds });
    },
    onChange(tell) {
      changed = tell;
    },
    stop() {
      for (const setting of [logLevel, samplingRatio, ...pluginSettings.values()]) setting.stop();
    }
  };
}
function control(member2, setting, value) {
  return { member: member2, setting, value };
}

// src/databases/database-operations.ts
import {
  context,
  SpanKind as SpanKind2,
  SpanStatusCode as SpanStatusCode2,
  trace as trace2
} from "@opentelemetry/api";
import { isTracingSuppressed } from "@opentelemetry/core";
var notRecorded = {
  span: void 0,
  run: (fn) => fn(),
  end() {
  }
};
function createDatabaseOperations(tracer, metrics2) {
  return {
    start(operation, { rootSpan = false } = {}) {
      try {
        const parent = context.active();
        if (isTracingSuppressed(parent)) return notRecorded;
        const hasSpan = rootSpan || trace2.getSpan(parent) !== void 0;
        const span = hasSpan ? startSpan(tracer, operation, parent) : void 0;
        return new Started(operation, span, parent, metrics2);
      } catch {
        return notRecorded;
      }
    },
    observePool: (pool) => metrics2.observePool(pool)
  };
}
var Started = class {
  constructor(operation, span, parent, metrics2) {
    this.operation = operation;
    this.span = span;
    this.parent = parent;
    this.metrics = metrics2;
  }
  operation;
  span;
  parent;
  metrics;
  startMillis = performance.now();
  ended = false;
  run(fn) {
    return this.span ? context.with(trace2.setSpan(this.parent, this.span), fn) : fn();
  }
  end(outcome = {}) {
    if (this.ended) return;
    this.ended = true;
    const durationSeconds = (performance.now() - this.startMillis) / 1e3;
    const type = outcome.error === void 0 ? void 0 : errorTypeOf(outcome);
    const { span } = this;
    if (span) {
      if (type !== void 0) recordFailure(span, outcome, type);
      if (outcome.attributes) span.setAttributes(outcome.attributes);
      span.end();
    }
    this.metrics.record(this.operation, durationSeconds, type, span);
  }
};
function startSpan(tracer, operation, parent) {
  return tracer.startSpan(
    spanName(operation),
    { kind: SpanKind2.CLIENT, attributes: spanAttributes(operation) },
    parent
  );
}
function spanAttributes(operation) {
  const attributes = { "db.system.name": operation.system };
  if (operation.name !== void 0) attributes["db.operation.name"] = operation.name;
  if (operation.collection !== void 0) attributes["db.collection.name"] = operation.collection;
  if (operation.namespace !== void 0) attributes["db.namespace"] = operation.namespace;
  if (operation.summary !== void 0) attributes["db.query.summary"] = operation.summary;
  if (operation.queryText !== void 0) attributes["db.query.text"] = operation.queryText;
  if (operation.batchSize !== void 0 && operation.batchSize > 1) {
    attributes["db.operation.batch.size"] = operation.batchSize;
  }
  if (operation.serverAddress !== void 0) attributes["server.address"] = operation.serverAddress;
  if (operation.serverPort !== void 0) attributes["server.port"] = operation.serverPort;
  if (operation.attributes) Object.assign(attributes, operation.attributes);
  return attributes;
}
function spanName({
  summary,
  name,
  collection,
  namespace,
  serverAddress: serverAddress2,
  system
}) {
  if (summary !== void 0 && summary !== "") return summary;
  if (name === void 0) return system;
  const target = collection ?? namespace ?? serverAddress2;
  return target === void 0 || isIndex(target) ? name : `${name} ${target}`;
}
function isIndex(target) {
  const first = target.charCodeAt(0);
  return first >= 48 && first <= 57 && /^\d+$/.test(target);
}
function errorTypeOf({ error, statusCode }) {
  if (statusCode !== void 0) return statusCode;
  const { code } = error ?? {};
  return typeof code === "string" && /^[A-Z0-9][A-Z0-9_]{0,63}$/.test(code) ? code : errorType(error);
}
function recordFailure(span, { error, statusCode }, type) {
  span.setAttribute("error.type", type);
  if (statusCode !== void 0) span.setAttribute("db.response.status_code", statusCode);
  const message = error instanceof Error ? error.message : void 0;
  span.setStatus({ code: SpanStatusCode2.ERROR, ...message ? { message } : {} });
  if (error instanceof Error) span.recordException(error);
}

// src/diagnosis/on-request.ts
function diagnoseOnRequest(parts) {
  const running = /* @__PURE__ */ new Map();
  return async (options) => {
    const { contact, testLine, timeoutMillis } = options ?? {};
    const key3 = `${contact} ${testLine} ${timeoutMillis}`;
    let diagnosis = running.get(key3);
    if (!diagnosis) {
      diagnosis = import("./diagnose-C6KYQ7M5.js").then(({ diagnose }) => diagnose(parts, options ?? {})).catch((error) => failed("on", error)).finally(() => running.delete(key3));
      running.set(key3, diagnosis);
    }
    return diagnosis;
  };
}
function diagnoseInert(state) {
  return async () => {
    try {
      return (await import("./diagnose-C6KYQ7M5.js")).inertDiagnosis(state);
    } catch (error) {
      return failed(state, error);
    }
  };
}
function failed(state, error) {
  return emptyDiagnosis(state, [
    {
      code: "OBS_DIAGNOSIS_FAILED",
      level: "error",
      message: `The diagnosis could not be made: ${error instanceof Error ? error.message : String(error)}.`,
      cause: "A file of @throughline/core is missing, or a defect.",
      fix: "In a bundled service, ship all files that the bundler writes, or leave @throughline/core out of the bundle.",
      page: "docs/reference/findings.md#obs_diagnosis_failed"
    }
  ]);
}

// src/export/export-reporter.ts
var quietMillis = 6e4;
function exportReporter(what, endpoint, report, failedCode = "OBS_EXPORT_FAILED") {
  let failedCount = 0;
  let droppedCount = 0;
  const sayFailed = oncePerInterval(quietMillis, (error) => {
    const reason = reasonOf(error);
    report(
      new ObservabilityError(failedCode, `${failedCount} ${what} could not be sent to ${endpoint}${reason}.`)
    );
    failedCount = 0;
  });
  const sayDropped = oncePerInterval(quietMillis, () => {
    report(
      new ObservabilityError(
        "OBS_EXPORT_DROPPED",
        `${droppedCount} ${what} were dropped: the queue to ${endpoint} is full.`
      )
    );
    droppedCount = 0;
  });
  return {
    exported() {
    },
    failed(count, _durationSeconds, error) {
      failedCount += count;
      sayFailed(error);
    },
    dropped(count) {
      droppedCount += count;
      sayDropped();
    }
  };
}
function reasonOf(error) {
  if (!error) return "";
  const { code } = error;
  const words2 = [code === void 0 ? "" : String(code), error.message].filter((word) => word !== "").filter((word, index, all) => !all.slice(0, index).some((earlier) => word.includes(earlier)));
  return words2.length > 0 ? `: ${words2.join(" ")}` : "";
}
function observeBoth(first, second) {
  return {
    exported(count, durationSeconds) {
      first.exported(count, durationSeconds);
      second.exported(count, durationSeconds);
    },
    failed(count, durationSeconds, error) {
      first.failed(count, durationSeconds, error);
      second.failed(count, durationSeconds, error);
    },
    dropped(count) {
      first.dropped(count);
      second.dropped(count);
    }
  };
}

// src/export/providers.ts
import { gzipSync } from "zlib";
import { SpanStatusCode as SpanStatusCode3, TraceFlags } from "@opentelemetry/api";
import { ExportResultCode as ExportResultCode2 } from "@opentelemetry/core";
import { OTLPLogExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { JsonLogsSerializer, JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { defaultResource, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchLogRecordProcessor,
  LoggerProvider
} from "@opentelemetry/sdk-logs";
import {
  AggregationTemporality as AggregationTemporality2,
  InstrumentType,
  MeterProvider,
  PeriodicExportingMetricReader
} from "@opentelemetry/sdk-metrics";
import {
  BatchSpanProcessor,
  ConsoleSpanExporter
} from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

// src/metrics/otlp-points.ts
import { ValueType } from "@opentelemetry/api";
import {
  AggregationTemporality,
  DataPointType
} from "@opentelemetry/sdk-metrics";
var pushScope = { name: "@throughline/core", version };
function createOtlpPoints(identity, isDelta) {
  const startTime = hrTime(Date.now());
  let lastTime = startTime;
  let earlier = /* @__PURE__ */ new Map();
  return async function toMetricData(snapshots) {
    const endTime = hrTime(Date.now());
    const now = /* @__PURE__ */ new Map();
    const converted = [];
    const pace = startPace();
    for (const snapshot of snapshots) {
      converted.push(...convert(snapshot));
      if (pace.isDue()) await pace.giveWay();
    }
    earlier = now;
    lastTime = endTime;
    return converted.filter(({ dataPoints }) => dataPoints.length > 0);
    function convert(snapshot) {
      switch (snapshot.type) {
        case "counter":
          return [counterOf(snapshot)];
        case "histogram":
          return [histogramOf(snapshot)];
        case "summary":
          return summaryOf(snapshot);
        // Prometheus makes target_info from the resource itself.
        case "info":
          return [];
        default:
          return [gaugeOf(snapshot, snapshot.name, snapshot.values)];
      }
    }
    function counterOf(snapshot) {
      const dataPoints = [];
      for (const sample of snapshot.values) {
        const labels = labelsOf(sample);
        const value = isDelta ? stepOf(`${snapshot.name}\0${labelsKey(labels)}`, sample.value) : sample.value;
        if (value === void 0) continue;
        const exemplar = exemplarOf(sample);
        dataPoints.push({ ...point(labels, value), exemplars: exemplar ? [exemplar] : [] });
      }
      return {
        ...base(snapshot, snapshot.name),
        dataPointType: DataPointType.SUM,
        isMonotonic: true,
        dataPoints
      };
    }
    function stepOf(key3, value) {
      now.set(key3, value);
      const before = earlier.get(key3) ?? 0;
      const step = value >= before ? value - before : value;
      return step === 0 ? void 0 : step;
    }
    function histogramOf(snapshot) {
      const dataPoints = [];
      for (const [labelKey, series] of histogramSeries(snapshot)) {
        const key3 = `${snapshot.name}\0${labelKey}`;
        const before = isDelta ? earlier.get(key3) : void 0;
        if (isDelta) now.set(key3, series);
        const since = before && before.count <= series.count ? before : void 0;
        const count = series.count - (since?.count ?? 0);
        if (isDelta && count === 0) continue;
        const totals = series.counts.map((total, index) => total - (since?.counts[index] ?? 0));
        const counts = totals.map((total, index) => total - (totals[index - 1] ?? 0));
        counts.push(count - (totals.at(-1) ?? 0));
        const value = {
          buckets: { boundaries: series.bounds, counts },
          count,
          sum: series.sum - (since?.sum ?? 0)
        };
        dataPoints.push({ ...point(series.labels, value), exemplars: series.exemplars });
      }
      return { ...base(snapshot, snapshot.name), dataPointType: DataPointType.HISTOGRAM, dataPoints };
    }
    function summaryOf(snapshot) {
      const byName2 = /* @__PURE__ */ new Map();
      for (const sample of snapshot.values) {
        const name = sample.metricName ?? snapshot.name;
        byName2.set(name, [...byName2.get(name) ?? [], sample]);
      }
      return Array.from(byName2, ([name, values]) => gaugeOf(snapshot, name, values));
    }
    function gaugeOf(snapshot, name, values) {
      const dataPoints = values.map((sample) => point(labelsOf(sample), sample.value));
      return {
        ...base(snapshot, name),
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.GAUGE,
        dataPoints
      };
    }
    function base({ help }, name) {
      return {
        descriptor: { name, description: help, unit: "", valueType: ValueType.DOUBLE },
        aggregationTemporality: isDelta ? AggregationTemporality.DELTA : AggregationTemporality.CUMULATIVE
      };
    }
    function point(attributes, value) {
      return { startTime: isDelta ? lastTime : startTime, endTime, attributes, value };
    }
  };
  function histogramSeries({ name, values }) {
    const all = /* @__PURE__ */ new Map();
    let shared;
    let series;
    for (const sample of values) {
      const { labels: own, sharedLabels } = sample;
      const le = own?.le;
      if (series === void 0 || sharedLabels === void 0 || sharedLabels !== shared || !isBound(own)) {
        shared = sharedLabels;
        const labels = labelsOf(sample, "le");
        const key3 = labelsKey(labels);
        series = all.get(key3);
        if (!series) {
          series = { labels, bounds: [], counts: [], exemplars: [], sum: 0, count: 0 };
          all.set(key3, series);
        }
      }
      if (sample.metricName === `${name}_sum`) series.sum = sample.value;
      else if (sample.metricName === `${name}_count`) series.count = sample.value;
      else if (le !== void 0 && Number.isFinite(Number(le))) {
        series.bounds.push(Number(le));
        series.counts.push(sample.value);
      }
      const exemplar = exemplarOf(sample);
      if (exemplar) series.exemplars.push(exemplar);
    }
    return all;
  }
  function labelsOf({ labels, sharedLabels }, without2) {
    const all = { ...identity };
    for (const source of [sharedLabels, labels]) {
      for (const name in source) {
        const value = source[name];
        if (value === void 0 || value === "" || name === without2) continue;
        all[Object.hasOwn(identity, name) ? `exported_${name}` : name] = String(value);
      }
    }
    return all;
  }
}
function isBound(labels) {
  for (const name in labels) if (name !== "le") return false;
  return true;
}
function exemplarOf({ exemplar }) {
  if (!exemplar) return void 0;
  const { trace_id, span_id } = exemplar.labelSet;
  if (!trace_id || !span_id) return void 0;
  return {
    timeUnixNano: `${Math.round(exemplar.timestamp * 1e3)}000000`,
    asDouble: exemplar.value,
    traceId: trace_id,
    spanId: span_id
  };
}
function hrTime(millis) {
  return [Math.floor(millis / 1e3), Math.round(millis % 1e3) * 1e6];
}
function withExemplars(request, scopeMetrics) {
  const hasAny2 = scopeMetrics.some(
    ({ metrics: metrics2 }) => metrics2.some(
      ({ dataPoints }) => dataPoints.some((point) => (point.exemplars?.length ?? 0) > 0)
    )
  );
  if (!hasAny2) return request;
  const parsed = JSON.parse(new TextDecoder().decode(request));
  for (const [scopeIndex, scope] of (parsed.resourceMetrics[0]?.scopeMetrics ?? []).entries()) {
    for (const [metricIndex, metric] of scope.metrics.entries()) {
      const points = metric.sum?.dataPoints ?? metric.histogram?.dataPoints ?? [];
      const sources = scopeMetrics[scopeIndex]?.metrics[metricIndex]?.dataPoints ?? [];
      for (const [index, point] of points.entries()) {
        const { exemplars } = sources[index] ?? {};
        if (exemplars && exemplars.length > 0) point.exemplars = exemplars;
      }
    }
  }
  return new TextEncoder().encode(JSON.stringify(parsed));
}

// src/traces/sampler.ts
import { SpanKind as SpanKind3 } from "@opentelemetry/api";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  TraceIdRatioBasedSampler
} from "@opentelemetry/sdk-trace-base";
function createSampler(sampler, ratio) {
  const configured = typeof sampler === "object" ? sampler : samplerByName(sampler, ratio);
  let current = configured;
  return {
    shouldSample(context11, traceId, name, kind, attributes, links) {
      return current.shouldSample(context11, traceId, name, kind, attributes, links);
    },
    toString: () => current.toString(),
    setRatio(changed) {
      current = changed === void 0 ? configured : samplerByName("parentbased_traceidratio", changed);
    }
  };
}
function samplerThatTells(sampler, work) {
  return {
    shouldSample(context11, traceId, name, kind, attributes, links) {
      if (kind === SpanKind3.SERVER || kind === SpanKind3.CONSUMER) work();
      return sampler.shouldSample(context11, traceId, name, kind, attributes, links);
    },
    toString: () => sampler.toString()
  };
}
function samplerByName(name = "parentbased_traceidratio", ratio) {
  switch (name) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratio);
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({
        root: ratio === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(ratio)
      });
  }
}

// src/export/counted-queue.ts
import { ExportResultCode } from "@opentelemetry/core";
function countedQueue(inner, maxQueueSize, observer) {
  const queued = [];
  const inFlight = /* @__PURE__ */ new Set();
  let isTaken = false;
  return {
    takeAll() {
      isTaken = true;
      return [...[...inFlight].flat(), ...queued];
    },
    admit(item) {
      if (queued.length >= maxQueueSize) {
        observer.dropped(1);
        return false;
      }
      queued.push(item);
      return true;
    },
    exporter: {
      export(items, done) {
        queued.splice(0, items.length);
        if (isTaken) {
          done({ code: ExportResultCode.SUCCESS });
          return;
        }
        inFlight.add(items);
        const startMillis = performance.now();
        let settled = false;
        const settle = (result) => {
          if (settled) return;
          settled = true;
          inFlight.delete(items);
          const durationSeconds = (performance.now() - startMillis) / 1e3;
          if (result.code === ExportResultCode.SUCCESS) observer.exported(items.length, durationSeconds);
          else observer.failed(items.length, durationSeconds, result.error);
          done({ code: ExportResultCode.SUCCESS });
        };
        try {
          inner.export(items, settle);
        } catch (error) {
          settle({
            code: ExportResultCode.FAILED,
            error: error instanceof Error ? error : new Error(String(error))
          });
        }
      },
      forceFlush: async () => inner.forceFlush?.(),
      shutdown: () => inner.shutdown()
    }
  };
}

// src/export/export-control.ts
function controlExport(exporter, connections) {
  const delegate = Reflect.get(exporter, "_delegate");
  const transport = delegate?._transport;
  if (typeof transport?.retry !== "function" || typeof transport._transport?.send !== "function") {
    return { hurry() {
    }, abandon: connections.cut };
  }
  const inner = transport._transport;
  const waiting = /* @__PURE__ */ new Set();
  const underWay = /* @__PURE__ */ new Set();
  let lastError;
  let longestMillis;
  let isAbandoned = false;
  const cut = () => {
    for (const sending of underWay) sending.isCut = true;
    connections.cut();
  };
  const limit = (sendings, millis) => {
    const timer = setTimeout(() => {
      if (sendings.some((sending) => underWay.has(sending))) cut();
    }, millis);
    timer.unref();
  };
  const send2 = inner.send.bind(inner);
  inner.send = async (data, timeoutMillis) => {
    if (isAbandoned) return unanswered();
    const sending = { isCut: false };
    underWay.add(sending);
    if (longestMillis !== void 0) limit([sending], longestMillis);
    try {
      const response = await send2(data, timeoutMillis);
      if (sending.isCut && response.status !== "success") return unanswered();
      lastError = response.error;
      return response;
    } finally {
      underWay.delete(sending);
    }
  };
  transport.retry = (data, timeoutMillis, inMillis) => new Promise((resolve, reject) => {
    const giveUp = () => {
      clearTimeout(timer);
      waiting.delete(giveUp);
      resolve({ status: "failure", error: lastError ?? new Error("the process is ending") });
    };
    const timer = setTimeout(() => {
      waiting.delete(giveUp);
      inner.send(data, timeoutMillis).then(resolve, reject);
    }, inMillis);
    timer.unref();
    waiting.add(giveUp);
    if (longestMillis !== void 0) giveUp();
  });
  const hurry = (millis) => {
    longestMillis = millis;
    for (const giveUp of [...waiting]) giveUp();
    limit([...underWay], millis);
  };
  return {
    hurry,
    abandon() {
      isAbandoned = true;
      hurry(0);
      cut();
    }
  };
}
function unanswered() {
  return { status: "failure", error: new Error("no answer before the end") };
}

// src/export/providers.ts
function createTracerPipeline(options, identity, sampler, observer, { roots, failed: failed2, work } = {}) {
  const connections = exportConnections(options);
  const exporter = createSpanExporter(options, connections);
  const output = exporter && createSpanProcessor(exporter, options, observer);
  const provider = new NodeTracerProvider({
    resource: createResource(identity),
    sampler: work ? samplerThatTells(sampler, work) : sampler,
    spanProcessors: [...failed2 ? [errorWatcher(failed2)] : [], ...output ? [output.processor] : []],
    ...roots && { idGenerator: roots.idGenerator }
  });
  roots?.attach(provider);
  return {
    provider,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
    ...controlExport(exporter ?? {}, connections),
    takeForEnd() {
      const spans = options.exporter === "otlp" ? output?.takeAll() : void 0;
      return postRequest(options, connections.tls, spans && serialized(spans, JsonTraceSerializer));
    }
  };
}
function createSpanExporter(options, connections) {
  switch (options.exporter) {
    case "otlp":
      return new OTLPTraceExporter(otlpExporterOptions(options, connections));
    case "console":
      return new ConsoleSpanExporter();
    case "none":
      return void 0;
    default:
      return options.exporter;
  }
}
function createSpanProcessor(exporter, options, observer) {
  const queue = countedQueue(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchSpanProcessor(queue.exporter, { ...options.batch });
  const processor = {
    onStart() {
    },
    onEnd(span) {
      if ((span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0 && queue.admit(span)) batch.onEnd(span);
    },
    forceFlush: () => batch.forceFlush(),
    shutdown: () => batch.shutdown()
  };
  return { processor, takeAll: queue.takeAll };
}
function errorWatcher(failed2) {
  return {
    onStart() {
    },
    onEnd(span) {
      if (span.status.code === SpanStatusCode3.ERROR) failed2(span.spanContext().traceId);
    },
    forceFlush: async () => {
    },
    shutdown: async () => {
    }
  };
}
function createLoggerPipeline(options, identity, observer) {
  const connections = exportConnections(options);
  const exporter = new OTLPLogExporter(otlpExporterOptions(options, connections));
  const queue = countedQueue(exporter, options.batch.maxQueueSize, observer);
  const batch = new BatchLogRecordProcessor({ exporter: queue.exporter, ...options.batch });
  let flushing = Promise.resolve();
  const afterFlush = (next) => {
    const done = flushing.then(next);
    flushing = done.catch(() => {
    });
    return done;
  };
  const processor = {
    onEmit(record) {
      if (queue.admit(record)) batch.onEmit(record);
    },
    forceFlush: () => afterFlush(() => batch.forceFlush()),
    shutdown: () => afterFlush(() => batch.shutdown())
  };
  const provider = new LoggerProvider({
    resource: createResource(identity),
    processors: [processor]
  });
  return {
    provider,
    forceFlush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
    ...controlExport(exporter, connections),
    takeForEnd: () => postRequest(options, connections.tls, serialized(queue.takeAll(), JsonLogsSerializer))
  };
}
function serialized(items, serializer) {
  return items.length === 0 ? void 0 : serializer.serializeRequest(items);
}
function postRequest({ endpoint, headers, compression }, tls, body) {
  if (!body) return void 0;
  const zipped = compression === "gzip";
  return {
    url: endpoint,
    tls,
    headers: {
      ...headers,
      "content-type": "application/json",
      ...zipped ? { "content-encoding": "gzip" } : {}
    },
    body: zipped ? gzipSync(body) : body
  };
}
function createMeterProvider(identity, readers, views) {
  return new MeterProvider({ resource: createResource(identity), readers, views });
}
function createMetricPush(options, producer, outgoing, observer) {
  const connections = exportConnections(options);
  let control2;
  let asked;
  const loaded = async () => {
    const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-http");
    const exporter2 = new OTLPMetricExporter(otlpExporterOptions(options, connections));
    addExemplars(exporter2);
    control2 = controlExport(exporter2, connections);
    asked?.(control2);
    return exporter2;
  };
  let exporter;
  const lazy = {
    export(metrics2, done) {
      exporter ??= loaded();
      exporter.then(
        (ready) => ready.export(metrics2, done),
        (error) => done({ code: ExportResultCode2.FAILED, error })
      );
    },
    forceFlush: async () => (await exporter)?.forceFlush(),
    shutdown: async () => (await exporter)?.shutdown(),
    selectAggregationTemporality: (instrument) => temporalityOf(options.temporality, instrument)
  };
  return {
    reader: new PeriodicExportingMetricReader({
      exporter: countedMetrics(lazy, outgoing, observer),
      exportIntervalMillis: options.intervalMillis,
      exportTimeoutMillis: Math.min(options.exportTimeoutMillis, options.intervalMillis),
      metricProducers: [producer],
      // One request is serialized in one go; a bound on it bounds how long requests of the service wait.
      maxExportBatchSize: maxPointsPerRequest
    }),
    hurry(longestMillis) {
      asked = (ready) => ready.hurry(longestMillis);
      if (control2) asked(control2);
    },
    abandon() {
      asked = (ready) => ready.abandon();
      if (control2) asked(control2);
    }
  };
}
var maxPointsPerRequest = 2e3;
function countedMetrics(inner, outgoing, observer) {
  return {
    ...inner,
    export(collected, done) {
      const metrics2 = outgoing(collected);
      const startMillis = performance.now();
      const points = metrics2.scopeMetrics.flatMap((scope) => scope.metrics).reduce((sum, metric) => sum + metric.dataPoints.length, 0);
      inner.export(metrics2, ({ code, error }) => {
        const durationSeconds = (performance.now() - startMillis) / 1e3;
        if (code === ExportResultCode2.SUCCESS) observer.exported(points, durationSeconds);
        else observer.failed(points, durationSeconds, error);
        done({ code: ExportResultCode2.SUCCESS });
      });
    }
  };
}
function addExemplars(exporter) {
  const delegate = Reflect.get(exporter, "_delegate");
  const serializer = delegate?._serializer;
  if (typeof serializer?.serializeRequest !== "function") return;
  Reflect.set(delegate, "_serializer", {
    ...serializer,
    serializeRequest(metrics2) {
      const request = serializer.serializeRequest(metrics2);
      return request && withExemplars(request, metrics2.scopeMetrics);
    }
  });
}
function temporalityOf(preference, instrument) {
  const isUpDown = instrument === InstrumentType.UP_DOWN_COUNTER || instrument === InstrumentType.OBSERVABLE_UP_DOWN_COUNTER;
  if (preference === "cumulative" || isUpDown) return AggregationTemporality2.CUMULATIVE;
  return preference === "lowmemory" && instrument === InstrumentType.OBSERVABLE_COUNTER ? AggregationTemporality2.CUMULATIVE : AggregationTemporality2.DELTA;
}
function createResource(identity) {
  return defaultResource().merge(
    resourceFromAttributes({
      ...identity.resourceAttributes,
      // https://opentelemetry.io/docs/specs/semconv/resource/#telemetry-sdk
      "telemetry.distro.name": "throughline",
      "telemetry.distro.version": version
    })
  );
}
function otlpExporterOptions(options, connections) {
  return {
    url: options.endpoint,
    ...options.headers ? { headers: { ...options.headers } } : {},
    httpAgentOptions: connections.createAgent,
    compression: options.compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: options.timeoutMillis
  };
}

// src/http/access-log.ts
function accessLog(logger2) {
  return ({ method, route, path, statusCode, errorType: errorType2, durationSeconds }) => {
    const isFailure = statusCode !== void 0 && statusCode >= 500;
    logger2.log(isFailure ? "error" : "info", `${method} ${route ?? path} ${statusCode ?? "no response"}`, {
      http_request_method: method,
      ...route === void 0 ? {} : { http_route: route },
      url_path: path,
      ...statusCode === void 0 ? {} : { http_response_status_code: statusCode },
      ...errorType2 === void 0 ? {} : { error_type: errorType2 },
      duration_seconds: Math.round(durationSeconds * 1e6) / 1e6
    });
  };
}

// src/patching/stock-instrumentation.ts
import { createNoopMeter } from "@opentelemetry/api";

// src/patching/patch-modules.ts
import { isBuiltin, syncBuiltinESMExports } from "module";
import satisfies from "semver/functions/satisfies.js";
function definitionOf({ name, file, supportedVersions, patch }) {
  const undos = /* @__PURE__ */ new Map();
  const patching = {
    supportedVersions,
    patch(moduleExports, version2) {
      const undo = patch(moduleExports, version2);
      if (typeof undo === "function") undos.set(moduleExports, undo);
      return moduleExports;
    },
    unpatch(moduleExports) {
      undos.get(moduleExports)?.();
      undos.delete(moduleExports);
    }
  };
  return file === void 0 ? { name, ...patching } : { name, supportedVersions, files: [{ name: file, ...patching }] };
}
function patchModules(definitions, modules, watch, report, record) {
  const applied = new AppliedPatches(report, record);
  const unwatches = [];
  for (const definition of definitions) {
    record?.asked(definition.name, [
      ...definition.supportedVersions,
      ...(definition.files ?? []).flatMap(({ supportedVersions }) => supportedVersions)
    ]);
    const given = modules?.[definition.name];
    if (given !== void 0) applied.patch(definition, given, definition.name);
    if (isBuiltin(definition.name)) {
      applied.patch(
        definition,
        process.getBuiltinModule(definition.name),
        definition.name,
        process.version.slice(1)
      );
      continue;
    }
    for (const [file, module] of loadedFiles(definition.name).reverse()) {
      applied.patchFile(definition, module, file);
    }
    unwatches.push(
      watch.watch(definition.name, (module, file) => applied.patchFile(definition, module, file))
    );
  }
  const hasBuiltin = definitions.some((definition) => isBuiltin(definition.name));
  if (hasBuiltin) syncBuiltinESMExports();
  return () => {
    for (const unwatch of unwatches) unwatch();
    applied.undo();
    if (hasBuiltin) syncBuiltinESMExports();
  };
}
var AppliedPatches = class {
  constructor(report, record) {
    this.report = report;
    this.record = record;
  }
  report;
  record;
  done = /* @__PURE__ */ new Map();
  undos = [];
  /** Patches what the definition names in a loaded file of its package: the main file's exports, or an inner file's. */
  patchFile(definition, module, file) {
    const copy = copyOfFile(definition.name, file);
    if (!copy) return;
    const targets = file === copy.mainFile ? [definition] : [];
    for (const inner of definition.files ?? []) {
      if (isNamedFile(definition.name, copy.folder, file, inner.name)) targets.push(inner);
    }
    for (const target of targets) {
      if (!isSupported(target.supportedVersions, copy.version, definition.includePrerelease)) continue;
      module.exports = this.patch(target, module.exports, definition.name, copy.version, copy);
    }
  }
  patch(definition, moduleExports, packageName, version2, copy) {
    if (!definition.patch || !this.isNew(definition, moduleExports)) return moduleExports;
    try {
      definition.moduleExports = moduleExports;
      const patched = definition.patch(moduleExports, version2) ?? moduleExports;
      this.isNew(definition, patched);
      this.record?.patched(packageName, copy);
      this.undos.push(() => {
        definition.unpatch?.(moduleExports, version2);
        definition.moduleExports = void 0;
      });
      return patched;
    } catch (cause) {
      this.report(
        new ObservabilityError(
          "OBS_INSTRUMENTATION_FAILED",
          `'${definition.name}'${version2 ? ` ${version2}` : ""} could not be instrumented: ${cause.message}.`,
          { cause }
        )
      );
      return moduleExports;
    }
  }
  undo() {
    for (const undo of this.undos.splice(0).reverse()) {
      try {
        undo();
      } catch {
      }
    }
    this.done.clear();
  }
  isNew(definition, moduleExports) {
    const seen = this.done.get(definition);
    if (seen?.has(moduleExports)) return false;
    if (seen) seen.add(moduleExports);
    else this.done.set(definition, /* @__PURE__ */ new Set([moduleExports]));
    return true;
  }
};
function isSupported(ranges, version2, includePrerelease = false) {
  if (version2 === void 0) return ranges.includes("*");
  return ranges.some((range) => satisfies(version2, range, { includePrerelease }));
}

// src/patching/stock-instrumentation.ts
var noMetrics = { getMeter: () => createNoopMeter() };
function applyInstrumentation(instrumentation, modules, providers, watch, report, record) {
  const stock = instrumentation;
  stock.setTracerProvider(providers.tracerProvider);
  stock.setMeterProvider(providers.meterProvider);
  const definitions = stock._modules ?? stock.getModuleDefinitions?.() ?? [];
  if (definitions.length === 0) {
    stock.enable();
    record?.listens();
    return () => stock.disable();
  }
  const forget = definitions.flatMap((definition) => [
    patchingOnce(definition),
    ...(definition.files ?? []).map(patchingOnce)
  ]);
  if (!stock.isEnabled?.()) stock._enabled = true;
  const undo = patchModules(definitions, modules, watch, report, record);
  return () => {
    undo();
    for (const restore of forget) restore();
    stock.disable();
  };
}
function patchingOnce(definition) {
  const { patch } = definition;
  if (!patch) return () => {
  };
  const results = /* @__PURE__ */ new Map();
  definition.patch = function patchOnce(moduleExports, version2) {
    if (results.has(moduleExports)) return results.get(moduleExports);
    const patched = patch.call(this, moduleExports, version2) ?? moduleExports;
    results.set(moduleExports, patched);
    results.set(patched, patched);
    return patched;
  };
  return () => {
    definition.patch = patch;
  };
}

// src/http/client-metrics.ts
import diagnosticsChannel from "diagnostics_channel";
import { context as context2 } from "@opentelemetry/api";
import { isTracingSuppressed as isTracingSuppressed2 } from "@opentelemetry/core";
function observeClientRequests(ends, spans, record) {
  const undiciRequests = /* @__PURE__ */ new WeakMap();
  const subscriptions = [
    ["http.client.request.start", (message) => onHttpStart(message.request)],
    ["undici:request:create", (message) => onUndiciCreate(message.request)],
    ["undici:request:headers", (message) => onUndiciHeaders(message)],
    ["undici:request:trailers", (message) => finishUndici(message.request)],
    [
      "undici:request:error",
      (message) => finishUndici(message.request, message.error)
    ]
  ];
  for (const [channel, listener] of subscriptions) diagnosticsChannel.subscribe(channel, listener);
  return () => {
    for (const [channel, listener] of subscriptions) diagnosticsChannel.unsubscribe(channel, listener);
  };
  function onHttpStart(request) {
    if (isTracingSuppressed2(context2.active())) return;
    const startMillis = performance.now();
    const measurement = {
      method: methodLabel(request.method),
      serverAddress: request.host,
      serverPort: serverPort(request)
    };
    ends.whenOver(request, ({ response, error }) => {
      record({
        ...measurement,
        statusCode: response?.statusCode,
        errorType: clientErrorType(response?.statusCode, error),
        durationSeconds: (performance.now() - startMillis) / 1e3,
        span: spans.get(request)
      });
    });
  }
  function onUndiciCreate(request) {
    if (request.method === "CONNECT" || isTracingSuppressed2(context2.active())) return;
    let url;
    try {
      url = new URL(String(request.origin));
    } catch {
      return;
    }
    undiciRequests.set(request, {
      startMillis: performance.now(),
      method: methodLabel(request.method),
      serverAddress: url.hostname,
      serverPort: url.port ? Number(url.port) : url.protocol === "https:" ? 443 : 80
    });
  }
  function onUndiciHeaders({ request, response }) {
    const started = undiciRequests.get(request);
    if (started) started.statusCode = response.statusCode;
  }
  function finishUndici(request, error) {
    const started = undiciRequests.get(request);
    if (!started) return;
    undiciRequests.delete(request);
    record({
      method: started.method,
      serverAddress: started.serverAddress,
      serverPort: started.serverPort,
      statusCode: started.statusCode,
      errorType: clientErrorType(started.statusCode, error),
      durationSeconds: (performance.now() - started.startMillis) / 1e3,
      span: spans.get(request)
    });
  }
}
function serverPort(request) {
  const header = request.getHeader("host");
  const named = parseHost(typeof header === "string" ? header : void 0);
  return named?.port ?? (request.protocol === "https:" ? 443 : 80);
}
function clientErrorType(statusCode, error) {
  if (error !== void 0) {
    const { code } = error;
    return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : errorType(error);
  }
  return statusCode !== void 0 && statusCode >= 400 ? String(statusCode) : void 0;
}
function undiciHeader(headers, name) {
  if (typeof headers === "string") {
    return new RegExp(`^${name}: (.*)$`, "im").exec(headers)?.[1]?.trim();
  }
  if (!headers) return void 0;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    if (String(headers[i]).toLowerCase() === name) return String(headers[i + 1]);
  }
  return void 0;
}

// src/http/client-request-end.ts
import diagnosticsChannel2 from "diagnostics_channel";
import { errorMonitor } from "events";
function followClientRequests() {
  const listeners = /* @__PURE__ */ new WeakMap();
  const responses = /* @__PURE__ */ new WeakMap();
  const end = (request, error) => {
    const waiting = listeners.get(request);
    if (!waiting) return;
    listeners.delete(request);
    const outcome = { response: responses.get(request), error };
    for (const listener of waiting) listener(outcome);
  };
  const onResponse = (message) => {
    const { request, response } = message;
    if (!listeners.has(request)) return;
    responses.set(request, response);
    response.once("end", () => end(request));
    response.once("close", () => end(request));
    response.once(errorMonitor, (error) => end(request, error));
  };
  diagnosticsChannel2.subscribe("http.client.response.finish", onResponse);
  return {
    whenOver(request, listener) {
      const waiting = listeners.get(request);
      if (waiting) {
        waiting.push(listener);
        return;
      }
      listeners.set(request, [listener]);
      request.once(errorMonitor, (error) => end(request, error));
      request.once("close", () => end(request));
    },
    stop: () => diagnosticsChannel2.unsubscribe("http.client.response.finish", onResponse)
  };
}

// src/http/early-bound-requests.ts
import http2 from "http";
import {
  SpanKind as SpanKind4,
  SpanStatusCode as SpanStatusCode4,
  trace as trace4
} from "@opentelemetry/api";
import { isTracingSuppressed as isTracingSuppressed3 } from "@opentelemetry/core";

// src/http/outgoing-headers.ts
import { trace as trace3 } from "@opentelemetry/api";
var withheld = /* @__PURE__ */ Symbol("throughline: no trace headers");
function outgoingHeaders(propagateTo) {
  if (!propagateTo) return void 0;
  const withheldFrom = /* @__PURE__ */ new WeakSet();
  const names = propagateTo.filter((entry) => typeof entry === "string").map((entry) => entry.toLowerCase());
  const patterns = propagateTo.filter((entry) => entry instanceof RegExp);
  return {
    carriedTo({ host, port, url }) {
      const name = host.toLowerCase();
      return names.some((entry) => isHost(entry, name, port)) || // A global or sticky expression remembers where it stood.
      patterns.some((pattern) => url.search(pattern) !== -1);
    },
    withhold(headersOrSpan) {
      if ("spanContext" in headersOrSpan) withheldFrom.add(headersOrSpan);
      else Object.assign(headersOrSpan, { [withheld]: true });
    },
    wrap: (inner) => ({
      fields: () => inner.fields(),
      extract: (context11, carrier, getter) => inner.extract(context11, carrier, getter),
      inject(context11, carrier, setter) {
        if (typeof carrier === "object" && carrier !== null && withheld in carrier) return;
        const span = trace3.getSpan(context11);
        if (span && withheldFrom.has(span)) return;
        inner.inject(context11, carrier, setter);
      }
    })
  };
}
function isHost(entry, name, port) {
  if (entry.startsWith(".")) return name.endsWith(entry);
  return entry === name || entry === `${name.includes(":") ? `[${name}]` : name}:${port}`;
}
function targetOfOptions(options) {
  const protocol = options.protocol ?? "http:";
  const host = withoutBrackets(String(options.hostname ?? options.host ?? "localhost"));
  const named = options.port ?? options.defaultPort ?? void 0;
  const port = named === void 0 ? defaultPort(protocol) : Number(named);
  const path = (options.path ?? "/").split("?", 1)[0];
  return { host, port, url: `${protocol}//${authority(host, protocol, port)}${path}` };
}
function targetOfUrl(url) {
  return {
    host: withoutBrackets(url.hostname),
    port: url.port === "" ? defaultPort(url.protocol) : Number(url.port),
    url: `${url.origin}${url.pathname}`
  };
}
function authority(host, protocol, port) {
  const name = host.includes(":") ? `[${host}]` : host;
  return port === void 0 || port === defaultPort(protocol) ? name : `${name}:${port}`;
}
function defaultPort(protocol) {
  if (protocol === "https:") return 443;
  return protocol === "http:" ? 80 : void 0;
}
function withoutBrackets(host) {
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}
function headersAsObject(list) {
  const inPairs = Array.isArray(list[0]);
  const flat = inPairs ? list.flat(1) : list;
  if (flat.length % 2 !== 0) return void 0;
  const headers = {};
  const spellings = /* @__PURE__ */ new Map();
  for (let i = 0; i < flat.length; i += 2) {
    const written = String(flat[i]);
    const name = spellings.get(written.toLowerCase()) ?? written;
    spellings.set(written.toLowerCase(), name);
    const value = flat[i + 1];
    const values = Array.isArray(value) ? value.map(String) : String(value);
    const earlier = headers[name];
    headers[name] = earlier === void 0 ? values : [earlier, values].flat();
  }
  return headers;
}

// src/http/early-bound-requests.ts
function traceCapturedRequests(options) {
  const prototype = http2.ClientRequest.prototype;
  const original = prototype._implicitHeader;
  if (typeof original !== "function") return () => {
  };
  let active = true;
  function writeHead() {
    if (active && !options.spans.has(this)) {
      try {
        startSpan2(options, this);
      } catch {
      }
    }
    original.call(this);
  }
  prototype._implicitHeader = writeHead;
  return () => {
    active = false;
    if (prototype._implicitHeader === writeHead) prototype._implicitHeader = original;
  };
}
var headerSetter = {
  set(request, name, value) {
    request.setHeader(name, value);
  },
  has: (request, name) => request.hasHeader(name)
};
function startSpan2({ tracer, contextManager, propagator, redactQuery, ends, spans, carrying }, request) {
  const parent = contextManager.active();
  if (isTracingSuppressed3(parent)) return;
  const method = methodLabel(request.method);
  const host = request.getHeader("host") ?? request.host;
  const url = `${request.protocol}//${String(host)}${request.path}`;
  const span = tracer.startSpan(
    method === "_OTHER" ? "HTTP" : method,
    {
      kind: SpanKind4.CLIENT,
      attributes: {
        "http.request.method": method,
        "server.address": request.host,
        "server.port": serverPort(request),
        "url.full": redactUrl(url, redactQuery)
      }
    },
    parent
  );
  spans.set(request, span);
  if (!carrying || carrying.carriedTo(targetOf(request))) {
    propagator.inject(trace4.setSpan(parent, span), request, headerSetter);
  }
  ends.whenOver(request, ({ response, error }) => {
    const statusCode = response?.statusCode;
    const errorType2 = clientErrorType(statusCode, error);
    if (statusCode !== void 0) span.setAttribute("http.response.status_code", statusCode);
    if (response) span.setAttribute("network.protocol.version", response.httpVersion);
    setPeer(span, request);
    if (errorType2 !== void 0) {
      span.setAttribute("error.type", errorType2);
      span.setStatus({
        code: SpanStatusCode4.ERROR,
        ...error instanceof Error ? { message: error.message } : {}
      });
    }
    if (error instanceof Error) span.recordException(error);
    span.end();
  });
}
function targetOf(request) {
  return targetOfOptions({
    protocol: request.protocol,
    host: request.host,
    path: request.path,
    port: serverPort(request)
  });
}
function setPeer(span, request) {
  const { remoteAddress, remotePort } = request.socket ?? {};
  if (remoteAddress !== void 0) {
    span.setAttribute("network.peer.address", remoteAddress);
    if (remotePort !== void 0) span.setAttribute("network.peer.port", remotePort);
  }
}

// src/http/outgoing.ts
import { HttpInstrumentation } from "@opentelemetry/instrumentation-http";
import { UndiciInstrumentation } from "@opentelemetry/instrumentation-undici";
function createOutgoingInstrumentations(redactQuery, noteOwnHeaders, carrying) {
  const spans = /* @__PURE__ */ new WeakMap();
  const http3 = new HttpInstrumentation({
    enabled: false,
    disableIncomingRequestInstrumentation: true,
    // Node refuses such a list, and shall be the one to say so.
    ignoreOutgoingRequestHook: ({ headers }) => Array.isArray(headers) && !headersAsObject(headers),
    // Called before the headers are copied and the propagator writes into the copy.
    startOutgoingSpanHook(options) {
      prepareHeaders(options, carrying);
      return {};
    },
    // The instrumentation's own redaction knows a handful of parameters; ours is one list for in and out.
    requestHook(span, request) {
      spans.set(request, span);
      const url = span.attributes?.["url.full"];
      if (typeof url === "string" && "getHeader" in request) {
        span.setAttribute("url.full", redactUrl(url, redactQuery));
      }
    }
  });
  const undici = new UndiciInstrumentation({
    startSpanHook(request) {
      const { origin, path } = request;
      const question = path.indexOf("?");
      return {
        "url.full": redactUrl(`${String(origin)}${path}`, redactQuery),
        "url.query": question === -1 ? "" : `?${redactQuery(path.slice(question + 1))}`
      };
    },
    requestHook(span, request) {
      spans.set(request, span);
      if (carrying && !carrying.carriedTo(targetOfUrl(new URL(request.path, request.origin)))) {
        carrying.withhold(span);
      }
      noteOwnHeaders?.(span, (name) => undiciHeader(request.headers, name) !== void 0);
    }
  });
  return { http: http3, undici, spans };
}
function prepareHeaders(options, carrying) {
  const headers = Array.isArray(options.headers) ? headersAsObject(options.headers) : void 0;
  if (headers) {
    options.headers = headers;
    options.setHost ??= false;
  }
  if (!carrying || carrying.carriedTo(targetOfOptions(options))) return;
  options.headers = { ...options.headers };
  carrying.withhold(options.headers);
}

// src/http/observe-http.ts
function observeHttp({
  options,
  tracer,
  contextManager,
  propagator,
  metrics: metrics2,
  legacy,
  carrying,
  accessLog: accessLog2,
  instrument
}) {
  const redactQuery = createQueryRedaction(options.redactQueryParameters);
  const outgoing = createOutgoingInstrumentations(redactQuery, legacy?.noteOwnHeaders, carrying);
  const ends = followClientRequests();
  const tracing = { tracer, contextManager, propagator, redactQuery };
  const undos = [
    observeIncomingRequests({
      ...options,
      ...tracing,
      recorder: metrics2.server,
      accessLog: accessLog2,
      writeId: legacy?.writeId
    }),
    observeClientRequests(ends, outgoing.spans, metrics2.client),
    traceCapturedRequests({ ...tracing, ends, carrying, spans: outgoing.spans }),
    () => ends.stop(),
    // The durations of client calls are measured by Throughline itself, alike for all of them.
    instrument(outgoing.http, void 0, noMetrics),
    instrument(outgoing.undici, void 0, noMetrics)
  ];
  return () => {
    for (const undo of undos.reverse()) undo();
  };
}

// src/http/plugin-requests.ts
var httpRequests = {
  setRoute(request, route) {
    const operation = serverRequestOf(request);
    if (operation) operation.route = route;
  },
  setRouteResolver(request, resolve) {
    const operation = serverRequestOf(request);
    if (operation) operation.resolveRoute = resolve;
    return operation !== void 0;
  },
  recordError: (request, error) => serverRequestOf(request)?.recordError(error)
};

// src/instance/observability.ts
import { trace as trace5 } from "@opentelemetry/api";
import { Registry } from "prom-client";
function inertObservability(logger2, custom, state = "not started") {
  const empty = { contentType: "text/plain; version=0.0.4; charset=utf-8", body: "" };
  return {
    ready: Promise.resolve(),
    identity: {
      serviceName: "unknown_service:node",
      serviceNamespace: void 0,
      serviceVersion: void 0,
      environment: void 0,
      team: void 0,
      instanceId: "",
      resourceAttributes: {}
    },
    logger: logger2,
    tracer: trace5.getTracer("@throughline/core"),
    metrics: {
      registry: new Registry(),
      render: async () => empty,
      counter: (o) => custom.counter(o),
      gauge: (o) => custom.gauge(o),
      histogram: (o) => custom.histogram(o)
    },
    metricsHandler: (_request, response) => {
      response.writeHead(200, { "content-type": empty.contentType }).end(empty.body);
    },
    controlHandler: createControlHandler(/* @__PURE__ */ new Map(), void 0, logger2),
    health: createHealth(),
    plugins: [],
    setLogLevel: (level) => {
      logger2.level = level;
    },
    setSamplingRatio: () => {
    },
    setPluginEnabled: () => {
    },
    diagnose: diagnoseInert(state),
    flush: async () => {
    },
    shutdown: async () => {
    }
  };
}

// src/instance/plugin-set.ts
function setUpPlugins(plugins, report, contextFor) {
  const running = /* @__PURE__ */ new Map();
  const setUp = (plugin) => {
    const undos = [];
    try {
      const tearDown = plugin.setup(contextFor(plugin.name, (undo) => undos.push(undo)));
      if (typeof tearDown === "function") undos.push(tearDown);
      running.set(plugin, undos);
    } catch (cause) {
      undoAll(undos);
      report(
        new ObservabilityError(
          "OBS_PLUGIN_SETUP_FAILED",
          `Plugin '${plugin.name}' could not be set up: ${cause instanceof Error ? cause.message : String(cause)}.`,
          { cause }
        )
      );
    }
  };
  const stop = (plugin) => {
    const undos = running.get(plugin) ?? [];
    running.delete(plugin);
    undoAll(undos);
  };
  for (const plugin of plugins) setUp(plugin);
  return {
    names: [...running.keys()].map(({ name }) => name),
    isOn: (name) => [...running.keys()].some((plugin) => plugin.name === name),
    switch(name, on) {
      for (const plugin of plugins) {
        if (plugin.name !== name || running.has(plugin) === on) continue;
        if (on) setUp(plugin);
        else stop(plugin);
      }
    },
    tearDown() {
      for (const plugin of [...running.keys()].reverse()) stop(plugin);
    }
  };
}
function undoAll(undos) {
  for (const undo of undos.reverse()) {
    try {
      undo();
    } catch {
    }
  }
}

// src/legacy/legacy-bridge.ts
import { trace as trace9 } from "@opentelemetry/api";

// src/legacy/accept-until.ts
var millisPerDay = 864e5;
var noticeMillis = 14 * millisPerDay;
function announceEnd(untilMillis, header, logger2) {
  let timer;
  const until = new Date(untilMillis).toISOString();
  const look = () => {
    const leftMillis = untilMillis - Date.now();
    if (leftMillis <= 0) {
      logger2.warn("The old trace header is used no more: legacyTraceHeader.acceptUntil has passed.", {
        header,
        until
      });
      return;
    }
    if (leftMillis <= noticeMillis) {
      logger2.warn("The old trace header will soon be used no more.", {
        header,
        until,
        days_left: Math.ceil(leftMillis / millisPerDay)
      });
    }
    const untilNotice = leftMillis > noticeMillis ? leftMillis - noticeMillis : leftMillis;
    timer = setTimeout(look, Math.min(untilNotice, millisPerDay));
    timer.unref();
  };
  look();
  return () => clearTimeout(timer);
}

// src/legacy/bridge-propagator.ts
import {
  isSpanContextValid,
  trace as trace7
} from "@opentelemetry/api";
import { isTracingSuppressed as isTracingSuppressed4 } from "@opentelemetry/core";

// src/context/carrier.ts
function readHeader(carrier, getter, name) {
  const value = getter.get(carrier, name);
  if (value !== void 0 || getter.lowerCaseNames) return value;
  const written = getter.keys(carrier).find((key3) => isName(key3, name));
  return written === void 0 ? void 0 : getter.get(carrier, written);
}
function carriesHeader(carrier, setter, name) {
  if (setter.has) return setter.has(carrier, name);
  if (typeof carrier !== "object" || carrier === null) return false;
  for (const key3 in carrier) if (isName(key3, name)) return true;
  return false;
}
function isName(written, name) {
  return written.length === name.length && written.toLowerCase() === name;
}

// src/legacy/caller.ts
import { BlockList, isIPv4, isIPv6 } from "net";
import { propagation } from "@opentelemetry/api";

// src/context/context-fields.ts
import { createContextKey } from "@opentelemetry/api";
var key = createContextKey("throughline.logs.context-fields");
function withContextFields(context11, fields) {
  const present = contextFieldsOf(context11);
  return context11.setValue(key, present ? { ...present, ...fields } : fields);
}
function contextFieldsOf(context11) {
  return context11?.getValue(key);
}

// src/legacy/caller.ts
var baggageKeys = ["service.name", "service_name", "peer.service"];
var maxLength = 64;
function describeCaller(caller, sourceHeader) {
  const baggage = propagation.getBaggage(caller.context);
  for (const key3 of baggage ? baggageKeys : []) {
    const name = baggage?.getEntry(key3)?.value;
    if (name) return bounded(name);
  }
  const named = sourceHeader && caller.header(sourceHeader);
  if (named) return bounded(named);
  const product = /^[\w!#$%&'*+.^`|~-]+/.exec(caller.header("user-agent") ?? "")?.[0];
  if (product) return bounded(product.toLowerCase());
  const topic = contextFieldsOf(caller.context)?.topic;
  if (topic !== void 0) return bounded(`topic ${topic}`);
  return networkOf(withoutIpv4Mapping(caller.peerAddress));
}
function bounded(text) {
  return text.slice(0, maxLength).replace(/[^\x20-\x7e]/g, "?");
}
var privateNetworks;
function createPrivateNetworks() {
  const list = new BlockList();
  list.addSubnet("10.0.0.0", 8, "ipv4");
  list.addSubnet("172.16.0.0", 12, "ipv4");
  list.addSubnet("192.168.0.0", 16, "ipv4");
  list.addSubnet("169.254.0.0", 16, "ipv4");
  list.addSubnet("100.64.0.0", 10, "ipv4");
  list.addSubnet("fc00::", 7, "ipv6");
  list.addSubnet("fe80::", 10, "ipv6");
  return list;
}
function networkOf(address) {
  if (address === void 0) return "unknown";
  const family = isIPv4(address) ? "ipv4" : isIPv6(address) ? "ipv6" : void 0;
  if (!family) return "unknown";
  if (address === "::1" || address.startsWith("127.")) return "loopback";
  privateNetworks ??= createPrivateNetworks();
  return privateNetworks.check(address, family) ? "private network" : "public network";
}

// src/legacy/header-format.ts
import { TraceFlags as TraceFlags2 } from "@opentelemetry/api";
var isSampled = ({ traceFlags }) => (traceFlags & TraceFlags2.SAMPLED) !== 0;
var forms = {
  "x-amzn-trace-id": ({ traceId }) => `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)}`,
  "x-cloud-trace-context": (span) => `${span.traceId}/${BigInt(`0x${span.spanId}`)};o=${isSampled(span) ? 1 : 0}`,
  "sentry-trace": (span) => `${span.traceId}-${span.spanId}-${isSampled(span) ? 1 : 0}`,
  // Datadog's header has room for the lower half only.
  "x-datadog-trace-id": ({ traceId }) => String(BigInt(`0x${traceId.slice(16)}`))
};
var hasOwnForm = (name) => Object.hasOwn(forms, name);
function writtenValue(name, span) {
  return forms[name]?.(span) ?? span.traceId;
}

// src/legacy/legacy-header.ts
import { createContextKey as createContextKey2 } from "@opentelemetry/api";
var key2 = createContextKey2("throughline.legacy.old-header");
var oldValueField = "legacy_trace_id";
function withOldHeader(context11, header) {
  return withContextFields(context11.setValue(key2, header), { [oldValueField]: header.value });
}
function oldHeaderOf(context11) {
  return context11.getValue(key2);
}

// src/legacy/legacy-header-value.ts
var maxLength2 = 512;
function oldValue(raw) {
  const first = Array.isArray(raw) ? raw[0] : raw;
  if (typeof first !== "string") return void 0;
  let text = first.length > maxLength2 ? first.slice(0, maxLength2) : first;
  const comma = text.indexOf(",");
  if (comma !== -1) text = text.slice(0, comma);
  text = text.trim();
  if (text === "") return void 0;
  return /^[\x20-\x7e]*$/.test(text) ? text : text.replace(/[^\x20-\x7e]/g, "?");
}

// src/legacy/root-trace-ids.ts
import {
  context as context3,
  INVALID_SPANID,
  isValidTraceId,
  TraceFlags as TraceFlags3,
  trace as trace6
} from "@opentelemetry/api";
import { RandomIdGenerator } from "@opentelemetry/sdk-trace-base";
function withTraceId(parent, traceId) {
  return trace6.setSpanContext(parent, {
    traceId,
    spanId: INVALID_SPANID,
    traceFlags: TraceFlags3.NONE,
    isRemote: true
  });
}
function createBridgedRoots() {
  const random = new RandomIdGenerator();
  let next;
  const attached = /* @__PURE__ */ new WeakSet();
  const attachTracer = (tracer) => {
    attached.add(tracer);
    const startSpan3 = tracer.startSpan.bind(tracer);
    tracer.startSpan = (name, options = {}, parentContext = context3.active()) => {
      if (options.root) return startSpan3(name, options, parentContext);
      const parent = trace6.getSpanContext(parentContext);
      if (parent && !parent.isRemote) return startSpan3(name, options, parentContext);
      const isRoot = parent?.spanId === INVALID_SPANID && isValidTraceId(parent.traceId);
      next = isRoot ? parent.traceId : void 0;
      let span;
      try {
        span = startSpan3(name, options, parentContext);
      } finally {
        next = void 0;
      }
      const header = oldHeaderOf(parentContext);
      if (header) span.setAttribute(oldValueField, header.value);
      return span;
    };
  };
  return {
    idGenerator: {
      generateTraceId() {
        const traceId = next ?? random.generateTraceId();
        next = void 0;
        return traceId;
      },
      generateSpanId: () => random.generateSpanId()
    },
    attach(provider) {
      const getTracer = provider.getTracer.bind(provider);
      provider.getTracer = (...args) => {
        const tracer = getTracer(...args);
        if (!attached.has(tracer)) attachTracer(tracer);
        return tracer;
      };
    }
  };
}

// src/legacy/trace-id.ts
import { createHash as createHash3 } from "crypto";
import { INVALID_TRACEID } from "@opentelemetry/api";
var hex32 = /^[0-9a-f]{32}$/i;
var uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
function idOrHash(value) {
  if (hex32.test(value)) return value.toLowerCase();
  if (uuid.test(value)) {
    const hex = value.slice(0, 8) + value.slice(9, 13) + value.slice(14, 18) + value.slice(19, 23);
    return (hex + value.slice(24)).toLowerCase();
  }
  return createHash3("sha256").update(value).digest("hex").slice(0, 32);
}
var derivations = {
  // https://github.com/openzipkin/b3-propagation#traceid
  "x-b3-traceid": (value) => /^[0-9a-f]{16}$/i.test(value) ? value.toLowerCase().padStart(32, "0") : idOrHash(value),
  // https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
  "x-amzn-trace-id": (value) => {
    const root = /(?:^|;)\s*Root=([^;]+)/i.exec(value)?.[1]?.trim() ?? value;
    const id = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(root);
    return id ? `${id[1]}${id[2]}`.toLowerCase() : idOrHash(root);
  },
  // https://cloud.google.com/trace/docs/trace-context#legacy-http-header
  "x-cloud-trace-context": (value) => idOrHash(value.split(/[/;]/, 1)[0] || value),
  // https://develop.sentry.dev/sdk/telemetry/traces/#header-sentry-trace
  "sentry-trace": (value) => idOrHash(/^([0-9a-f]{32})(?:-|$)/i.exec(value)?.[1] ?? value),
  // The lower 64 bits in decimal; the upper ones, where there are any, are a tag in a header of their own.
  // https://docs.datadoghq.com/tracing/trace_collection/trace_context_propagation/
  "x-datadog-trace-id": (value, read) => {
    if (!/^\d{1,20}$/.test(value)) return idOrHash(value);
    const lower = BigInt(value);
    if (lower >= 1n << 64n) return idOrHash(value);
    const upper2 = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/i.exec(read("x-datadog-tags") ?? "")?.[1];
    return lower === 0n ? INVALID_TRACEID : `${upper2?.toLowerCase() ?? "0".repeat(16)}${lower.toString(16).padStart(16, "0")}`;
  }
};
function traceIdOf(name, value, read = () => void 0) {
  const traceId = (derivations[name] ?? idOrHash)(value, read);
  return traceId === INVALID_TRACEID ? void 0 : traceId;
}

// src/legacy/bridge-propagator.ts
function bridgePropagator(inner, settings, whoIsLeft, setByApplication) {
  const accepted = settings.names.map((name) => name.toLowerCase());
  const first = settings.names[0];
  const counted = /* @__PURE__ */ new WeakSet();
  return {
    // Without the old header: what carries nothing but that has no trace context, and needs one.
    fields: () => inner.fields(),
    extract(context11, carrier, getter) {
      const extracted = inner.extract(context11, carrier, getter);
      try {
        return accept(context11, extracted, carrier, getter);
      } catch {
        return extracted;
      }
    },
    inject(context11, carrier, setter) {
      inner.inject(context11, carrier, setter);
      const span = trace7.getSpanContext(context11);
      if (!span || !isSpanContextValid(span) || isTracingSuppressed4(context11)) return;
      const header = oldHeaderOf(context11);
      write(first, header);
      if (header && header.name !== first.toLowerCase()) write(spelling(header.name), header);
      function write(name, came) {
        const lower = name.toLowerCase();
        if (setByApplication(context11, lower) || carriesHeader(carrier, setter, lower)) {
          whoIsLeft.sent("application", lower);
        } else if (settings.send) {
          setter.set(carrier, name, valueFor(lower, came, span));
          whoIsLeft.sent("throughline", lower);
        }
      }
    }
  };
  function accept(context11, extracted, carrier, getter) {
    const found = find(carrier, getter);
    if (!found) return extracted;
    const used = Date.now() < settings.acceptUntilMillis;
    const parent = trace7.getSpanContext(extracted);
    if (parent && parent !== trace7.getSpanContext(context11) && isSpanContextValid(parent)) {
      return used && found.value !== parent.traceId ? withOldHeader(extracted, found) : extracted;
    }
    count(extracted, carrier, getter, found, used);
    return used ? withOldHeader(withTraceId(extracted, found.traceId), found) : extracted;
  }
  function find(carrier, getter) {
    for (const name of accepted) {
      const value = oldValue(readHeader(carrier, getter, name));
      if (value === void 0) continue;
      const traceId = traceIdOf(name, value, (other) => textOf(readHeader(carrier, getter, other)));
      if (traceId !== void 0) return { name, value, traceId };
    }
    return void 0;
  }
  function count(extracted, carrier, getter, { name }, used) {
    if (!getter.readOnce && typeof carrier === "object" && carrier !== null) {
      if (counted.has(carrier)) return;
      counted.add(carrier);
    }
    const caller = {
      context: extracted,
      header: (other) => oldValue(readHeader(carrier, getter, other)),
      peerAddress: getter.peerAddress?.(carrier)
    };
    whoIsLeft.received(describeCaller(caller, settings.sourceHeader), name, used);
  }
  function spelling(lower) {
    return settings.names[accepted.indexOf(lower)] ?? lower;
  }
}
function valueFor(name, came, span) {
  const fits = came && (came.name === name || !(hasOwnForm(name) || hasOwnForm(came.name)));
  return fits ? came.value : writtenValue(name, span);
}
function textOf(value) {
  return typeof value === "string" ? value : void 0;
}

// src/legacy/legacy-header-counter.ts
import { Counter } from "prom-client";
var maxSources = 100;
function countOldHeaders(registry, logger2) {
  const counter2 = new Counter({
    name: "throughline_legacy_trace_headers_total",
    help: "Old trace headers: in, from callers that send no trace context; out, by Throughline or by the application itself.",
    labelNames: ["direction", "source"],
    registers: [registry]
  });
  const sources = /* @__PURE__ */ new Set();
  const said = /* @__PURE__ */ new Set();
  const sayOnce = (key3, say) => {
    if (said.has(key3)) return;
    said.add(key3);
    say();
  };
  return {
    received(source, header, used) {
      const known = sources.has(source) || sources.size < maxSources ? source : "other";
      if (known !== "other") sources.add(known);
      counter2.inc({ direction: "in", source: known });
      sayOnce(`${used ? "used" : "refused"} ${known}`, () => {
        const fields = { header, source: known };
        if (used) logger2.info("A caller still sends the old trace header.", fields);
        else
          logger2.warn(
            "A caller sends only the old trace header, which is used no more: its traces end here.",
            fields
          );
      });
    },
    sent(by, header) {
      counter2.inc({ direction: "out", source: by });
      if (by === "throughline") return;
      sayOnce(
        by,
        () => logger2.info("This service sets the old trace header by hand; Throughline sends it already.", {
          header
        })
      );
    }
  };
}

// src/legacy/response-id.ts
import { isSpanContextValid as isSpanContextValid2, trace as trace8 } from "@opentelemetry/api";
function responseId(respond, header) {
  return (response, context11) => {
    const span = trace8.getSpanContext(context11);
    if (!span || !isSpanContextValid2(span)) return;
    if (respond !== "legacy") {
      const flags = (span.traceFlags & 255).toString(16).padStart(2, "0");
      set(response, "traceresponse", `00-${span.traceId}-${span.spanId}-${flags}`);
    }
    if (respond !== "traceresponse") {
      const came = oldHeaderOf(context11);
      set(response, came?.name ?? header, came?.value ?? valueFor(header.toLowerCase(), void 0, span));
    }
  };
}
function set(response, name, value) {
  if (!response.headersSent && !response.hasHeader(name)) response.setHeader(name, value);
}

// src/legacy/legacy-bridge.ts
function createLegacyBridge(options, registry, logger2) {
  if (options === false || options.name === void 0) return void 0;
  const [first, ...others] = [options.name].flat();
  if (first === void 0) return void 0;
  const lowerNames = [first, ...others].map((name) => name.toLowerCase());
  const acceptUntilMillis = options.acceptUntil === void 0 ? Number.POSITIVE_INFINITY : endOfAcceptance(options.acceptUntil);
  const whoIsLeft = countOldHeaders(registry, logger2);
  const ownHeaders = /* @__PURE__ */ new WeakMap();
  const setByApplication = (context11, name) => {
    const span = trace9.getSpan(context11);
    return (span && ownHeaders.get(span)?.includes(name)) ?? false;
  };
  return {
    roots: createBridgedRoots(),
    wrap: (propagator) => bridgePropagator(
      propagator,
      {
        names: [first, ...others],
        send: options.send,
        acceptUntilMillis,
        sourceHeader: options.sourceHeader
      },
      whoIsLeft,
      setByApplication
    ),
    noteOwnHeaders(span, has) {
      const own = lowerNames.filter(has);
      if (own.length > 0) ownHeaders.set(span, own);
    },
    writeId: options.respond === false ? void 0 : responseId(options.respond, first),
    stop: acceptUntilMillis === Number.POSITIVE_INFINITY ? () => {
    } : announceEnd(acceptUntilMillis, lowerNames.join(", "), logger2)
  };
}

// src/lifecycle/log-crashes.ts
import { context as context5, SpanStatusCode as SpanStatusCode5, trace as trace10 } from "@opentelemetry/api";

// src/export/blocking-send.ts
import { Worker } from "worker_threads";
function sendBlocking(requests, timeoutMillis) {
  if (requests.length === 0) return 0;
  const state = new Int32Array(new SharedArrayBuffer(8));
  const worker = new Worker(sender, {
    eval: true,
    workerData: { requests, timeoutMillis, state },
    // The sender needs none of the service's preloaded modules.
    execArgv: [],
    stdout: true,
    stderr: true
  });
  worker.unref();
  worker.on("error", () => {
  });
  const deadline = performance.now() + timeoutMillis;
  for (; ; ) {
    const over = Atomics.load(state, 0);
    const left = deadline - performance.now();
    if (over >= requests.length || left <= 0) return Atomics.load(state, 1);
    Atomics.wait(state, 0, over, left);
  }
}
var sender = `
  const { workerData: { requests, timeoutMillis, state } } = require('node:worker_threads');
  for (const { url, headers, body, tls } of requests) {
    let done = false;
    const over = (succeeded) => {
      if (done) return;
      done = true;
      if (succeeded) Atomics.add(state, 1, 1);
      Atomics.add(state, 0, 1);
      Atomics.notify(state, 0);
    };
    try {
      const request = require(url.startsWith('https:') ? 'node:https' : 'node:http').request(
        url,
        { ...tls, method: 'POST', headers: { ...headers, 'content-length': body.length }, timeout: timeoutMillis },
        (response) => {
          response.resume();
          response.on('end', () => over(response.statusCode < 300));
          response.on('error', () => over(false));
        });
      request.on('error', () => over(false));
      request.on('timeout', () => request.destroy());
      request.end(body);
    } catch { over(false); }
  }
`;

// src/lifecycle/crashes.ts
import { context as context4, ROOT_CONTEXT as ROOT_CONTEXT2 } from "@opentelemetry/api";
var thrownIn;
function noteThrow(thrower) {
  if (thrownIn) return;
  thrownIn = thrower;
  queueMicrotask(() => {
    thrownIn = void 0;
  });
}
var origins = /* @__PURE__ */ new WeakMap();
function noteError(error, thrower) {
  if (typeof error === "object" && error !== null && !origins.has(error)) origins.set(error, thrower);
}
function watchCrashes(told) {
  let stopped = false;
  let rejection;
  const tell = (error, origin, thrower, isEnd) => {
    if (stopped) return;
    try {
      told({ error, origin, context: thrower, isEnd });
    } catch {
    }
  };
  const onMonitor = (error, origin) => {
    const isEnd = process.listenerCount("uncaughtException") === 0 && !process.hasUncaughtExceptionCaptureCallback();
    const told2 = rejection?.error === error ? rejection : void 0;
    if (told2) told2.isTold = true;
    else if (origin === "unhandledRejection") rejectionIs(error, true);
    tell(error, origin, told2?.context ?? contextOf(error), isEnd);
  };
  process.on("uncaughtExceptionMonitor", onMonitor);
  function rejectionIs(error, isTold) {
    const current = { error, context: contextOf(error), isTold };
    rejection = current;
    setImmediate(() => {
      if (rejection === current) rejection = void 0;
    }).unref();
    return current;
  }
  const { emit } = process;
  const overhear = function overhear2(...args) {
    if (args[0] !== "unhandledRejection" || rejection?.error === args[1])
      return Reflect.apply(emit, this, args);
    const current = rejectionIs(args[1], false);
    const isHandled = Reflect.apply(emit, this, args);
    const tellNow = () => {
      if (!current.isTold) tell(current.error, "unhandledRejection", current.context, false);
      current.isTold = true;
    };
    if (isHandled) tellNow();
    else queueMicrotask(tellNow);
    return isHandled;
  };
  process.emit = overhear;
  return () => {
    stopped = true;
    process.off("uncaughtExceptionMonitor", onMonitor);
    if (process.emit === overhear) process.emit = emit;
  };
}
function contextOf(error) {
  const known = typeof error === "object" && error !== null ? origins.get(error) : void 0;
  if (known) return known;
  const active = context4.active();
  return active === ROOT_CONTEXT2 ? thrownIn ?? active : active;
}

// src/lifecycle/log-crashes.ts
var maxBlockMillis = 2e3;
function logCrashes(logger2, { traces, logs, timeoutMillis }) {
  return watchCrashes((crash) => {
    context5.with(crash.context, logCrash, void 0, logger2, crash);
    if (!crash.isEnd) return;
    endSpan(crash);
    const requests = [traces.takeForEnd(), logs.otlp?.takeForEnd()].filter(
      (request) => request !== void 0
    );
    sendBlocking(requests, Math.min(timeoutMillis, maxBlockMillis));
  });
}
function logCrash(logger2, { error, origin }) {
  const what = origin === "uncaughtException" ? "Uncaught exception" : "Unhandled rejection";
  if (error instanceof Error) logger2.error(what, { error, origin });
  else logger2.error(what, { reason: error, origin });
}
function endSpan({ error, context: crashed }) {
  const span = trace10.getSpan(crashed);
  if (!span?.isRecording()) return;
  if (error instanceof Error) span.recordException(error);
  span.setStatus({ code: SpanStatusCode5.ERROR });
  span.end();
}

// src/lifecycle/problem-record.ts
var keptPerCode = 5;
function createProblemRecord() {
  const byCode = /* @__PURE__ */ new Map();
  return {
    add(error) {
      const known = byCode.get(error.code) ?? [];
      byCode.set(error.code, known);
      if (known.some(({ message }) => message === error.message)) return;
      known.push(error);
      if (known.length > keptPerCode) known.shift();
    },
    all: () => [...byCode.values()].flat()
  };
}

// src/lifecycle/sdk-diagnostics.ts
import { DiagLogLevel, diag } from "@opentelemetry/api";
var levels = {
  NONE: DiagLogLevel.NONE,
  ERROR: DiagLogLevel.ERROR,
  WARN: DiagLogLevel.WARN,
  INFO: DiagLogLevel.INFO,
  DEBUG: DiagLogLevel.DEBUG,
  VERBOSE: DiagLogLevel.VERBOSE,
  ALL: DiagLogLevel.ALL
};
function routeSdkDiagnostics(logger2, environment) {
  const level = levels[(environment.OTEL_LOG_LEVEL ?? "").trim().toUpperCase()] ?? DiagLogLevel.ERROR;
  const say = (severity) => (message, details) => logger2.log(severity, `opentelemetry: ${message}`, details.length > 0 ? { details } : {});
  const sayError = oncePerInterval(6e4, say("error"));
  const sayWarn = oncePerInterval(6e4, say("warn"));
  const sink = {
    error: (message, ...details) => sayError(message, details),
    warn: (message, ...details) => sayWarn(message, details),
    info: (message, ...details) => say("info")(message, details),
    debug: (message, ...details) => say("debug")(message, details),
    verbose: (message, ...details) => say("debug")(message, details)
  };
  diag.setLogger(sink, { logLevel: level, suppressOverrideMessage: true });
}

// src/lifecycle/signals.ts
var signals = ["SIGTERM", "SIGINT"];
function flushOnSignals(flush) {
  const listeners = signals.map((signal) => {
    const listener = () => {
      const alone = process.listenerCount(signal) === 1;
      void flush().then(() => {
        if (!alone) return;
        process.off(signal, listener);
        process.kill(process.pid, signal);
      });
    };
    process.on(signal, listener);
    return () => process.off(signal, listener);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}
function flushBeforeExit(flush) {
  const listener = () => void flush();
  process.once("beforeExit", listener);
  return () => process.off("beforeExit", listener);
}

// src/lifecycle/startup-checks.ts
function checkProtocol(environment) {
  const asked = [
    "OTEL_EXPORTER_OTLP_PROTOCOL",
    "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
    "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL",
    "OTEL_EXPORTER_OTLP_LOGS_PROTOCOL"
  ].filter((name) => environment[name]?.trim() === "grpc");
  return asked.map(
    (name) => new ObservabilityError("OBS_PROTOCOL_UNSUPPORTED", `${name}=grpc is not available.`)
  );
}
function describeTraces({ traces }) {
  if (traces.exporter === "otlp") return traces.endpoint;
  return typeof traces.exporter === "string" ? traces.exporter : "own exporter";
}

// src/logs/log-record.ts
import { format } from "util";
import { isSpanContextValid as isSpanContextValid3, trace as trace11 } from "@opentelemetry/api";
import { SPLAT } from "triple-beam";

// src/logs/required-fields.ts
var ownLine = /* @__PURE__ */ Symbol("throughline.logs.own-line");
var alwaysThere = ["timestamp", "level", "message"];
var traceFields2 = ["trace_id", "span_id", "trace_flags"];
function requiredFieldsCheck(required, identity, missing) {
  const looked = required.filter((field2) => !alwaysThere.includes(field2) && !identity.includes(field2));
  const needsTrace = looked.filter((field2) => traceFields2.includes(field2));
  const ofError = looked.filter((field2) => field2.startsWith("error."));
  const ofCaller = looked.filter((field2) => !needsTrace.includes(field2));
  if (looked.length === 0) return void 0;
  return ({ isOwn, spanContext, error, fields }) => {
    if (isOwn) return;
    if (!spanContext) for (const field2 of needsTrace) missing(field2);
    for (const field2 of ofCaller) {
      if (fields[field2] === void 0 && !(error && ofError.includes(field2))) missing(field2);
    }
  };
}

// src/logs/log-record.ts
var callContext = /* @__PURE__ */ Symbol.for("throughline.logs.call-context");
function toLogRecord(info, reserved, values) {
  const context11 = info[callContext];
  const spanContext = context11 && trace11.getSpanContext(context11);
  const splat = info[SPLAT];
  const thrown = thrownValue(info, splat);
  values.begin();
  return {
    timestamp: /* @__PURE__ */ new Date(),
    level: String(info.level),
    message: values.text(messageOf(info, splat, thrown)),
    context: context11,
    spanContext: spanContext && isSpanContextValid3(spanContext) ? spanContext : void 0,
    error: thrown && describeError(thrown, values),
    isOwn: info[ownLine] === true,
    fields: fieldsOf(info, context11, thrown, reserved, values)
  };
}
function thrownValue(info, splat) {
  if (info instanceof Error) return info;
  const argument = splat?.[0];
  if (argument instanceof Error) return argument;
  if (info.error instanceof Error) return info.error;
  if (info.err instanceof Error) return info.err;
  return info.message instanceof Error ? info.message : void 0;
}
function messageOf(info, splat, thrown) {
  const { message } = info;
  if (typeof message !== "string") {
    if (message instanceof Error) return message.message;
    return message === void 0 ? "" : format(message);
  }
  if (splat && splat.length > 0) {
    const suffix = thrown && splat[0] === thrown ? ` ${thrown.message}` : "";
    if (suffix !== "" && message.endsWith(suffix)) return message.slice(0, -suffix.length);
    if (/%[sdifjoOc%]/.test(message)) return format(message, ...splat);
  }
  return message;
}
function fieldsOf(info, context11, thrown, reserved, values) {
  const fields = {};
  const contextFields = contextFieldsOf(context11);
  if (contextFields !== void 0) {
    for (const key3 in contextFields) fields[key3] = values.field(key3, contextFields[key3]);
  }
  for (const key3 of Object.keys(info)) {
    if (key3 === "level" || key3 === "message") continue;
    const given = info[key3];
    if (thrown !== void 0 && (given === thrown || isCopiedFrom(thrown, key3, given))) continue;
    const value = values.field(key3, given);
    if (value !== void 0) fields[reserved.has(key3) ? `exported_${key3}` : key3] = value;
  }
  return fields;
}
function isCopiedFrom(thrown, key3, value) {
  return (key3 === "name" || key3 === "stack" || Object.hasOwn(thrown, key3)) && Reflect.get(thrown, key3) === value;
}
var maxDepth = 5;
var maxErrors = 10;
function describeError(error, values) {
  try {
    const { code } = error;
    return {
      type: errorType(error),
      message: values.text(String(error.message)),
      stack: error.stack === void 0 ? void 0 : values.text(fullStack(error, 0)),
      code: typeof code === "string" || typeof code === "number" ? code : void 0
    };
  } catch {
    return { type: "_OTHER", message: "[Unserializable]", stack: void 0, code: void 0 };
  }
}
function fullStack(error, depth) {
  if (!(error instanceof Error)) return format(error);
  let text = String(error.stack ?? `${errorType(error)}: ${error.message}`);
  if (depth >= maxDepth) return text;
  const { errors } = error;
  if (Array.isArray(errors)) {
    for (const [index, one] of errors.slice(0, maxErrors).entries()) {
      text += `
Error ${index + 1} of ${errors.length}: ${fullStack(one, depth + 1)}`;
    }
  }
  if (error.cause !== void 0) text += `
Caused by: ${fullStack(error.cause, depth + 1)}`;
  return text;
}

// src/logs/wrap-method.ts
var correlated = /* @__PURE__ */ Symbol.for("throughline.logs.correlated");
function wrapMethod(owner, name, wrap) {
  const original = owner[name];
  if (typeof original !== "function" || Object.hasOwn(original, correlated)) return () => {
  };
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const wrapper = wrap(original);
  Object.defineProperty(wrapper, correlated, { value: true });
  Object.defineProperty(owner, name, { value: wrapper, configurable: true, writable: true });
  return () => {
    if (owner[name] !== wrapper) return;
    if (own) Object.defineProperty(owner, name, own);
    else Reflect.deleteProperty(owner, name);
  };
}

// src/logs/correlate-bunyan.ts
var words = {
  10: "trace",
  20: "debug",
  30: "info",
  40: "warn",
  50: "error",
  60: "fatal"
};
function correlateBunyan(owner) {
  return wrapMethod(owner, "_emit", (original) => {
    return function emit(record, noEmit) {
      if (!noEmit) copyLine(record);
      const fields = traceFields();
      for (const name in fields) if (!(name in record)) record[name] = fields[name];
      const word = words[record.level];
      if (correlation().levelAsWord && word !== void 0) {
        Object.defineProperty(record, "toJSON", {
          value: () => ({ ...record, level: word }),
          configurable: true
        });
      }
      return original.call(this, record, noEmit);
    };
  });
}
function correlateBunyanLogger(logger2) {
  correlateBunyan(logger2);
  const { child } = logger2;
  if (Object.hasOwn(logger2, "child") || !Object.hasOwn(logger2, "_emit") || !child) return;
  const correlatedChild = (...args) => {
    const made = child.apply(logger2, args);
    correlateBunyanLogger(made);
    return made;
  };
  Object.defineProperty(logger2, "child", { value: correlatedChild, configurable: true, writable: true });
}
function copyLine(record) {
  const { copy } = correlation();
  if (!copy) return;
  const { msg, level, v: _version, time: _time, ...fields } = record;
  const line = { ...fields, level: words[level] ?? String(level), message: msg };
  line[callContext] = callingContext();
  copy(line);
}

// src/logs/correlate-console.ts
import { format as format2 } from "util";
var levels2 = { debug: "debug", log: "info", info: "info", warn: "warn", error: "error" };
function correlateConsole(target = console) {
  const undos = Object.keys(levels2).map(
    (name) => wrapMethod(target, name, (original) => (...args) => {
      correlation().copy?.({
        level: levels2[name],
        message: format2(...args),
        [callContext]: callingContext()
      });
      Reflect.apply(original, target, withFields(args));
    })
  );
  return () => {
    for (const undo of undos) undo();
  };
}
function withFields(args) {
  const [first] = args;
  if (args.length === 1 && typeof first === "string" && first.startsWith("{") && first.endsWith("}")) {
    const members = jsonMembers((name) => first.includes(`"${name}":`));
    return [first === "{}" ? `{${members.slice(1)}}` : `${first.slice(0, -1)}${members}}`];
  }
  const suffix = textSuffix();
  if (suffix === "") return args;
  if (args.length === 0) return [suffix.trimStart()];
  if (args.length === 1 && typeof first === "string") return [first + suffix];
  if (typeof first === "string" && first.includes("%")) return [format2(...args) + suffix];
  return [...args, suffix.trimStart()];
}

// src/logs/correlate-nest.ts
function isNestLogger(logger2) {
  return typeof Reflect.get(logger2, "formatMessage") === "function" && typeof Reflect.get(logger2, "printMessages") === "function";
}
function correlateNest(owner) {
  const undos = [
    wrapMethod(
      owner,
      "formatMessage",
      finished((line, [level, message, , , context11]) => {
        copyLine2(level, message, /\[([^[\]]+)\]/.exec(String(context11))?.[1]);
        if (typeof line !== "string") return line;
        const suffix = textSuffix();
        const end = line.endsWith("\n") ? line.length - 1 : line.length;
        return suffix === "" ? line : `${line.slice(0, end)}${suffix}${line.slice(end)}`;
      })
    ),
    wrapMethod(
      owner,
      "getJsonLogObject",
      finished((object, [message, options]) => {
        const { logLevel, context: context11 } = options ?? {};
        copyLine2(logLevel, message, context11);
        return { ...object, ...without(traceFields(), object) };
      })
    )
  ];
  return () => {
    for (const undo of undos) undo();
  };
}
function without(fields, object) {
  return Object.fromEntries(Object.entries(fields ?? {}).filter(([name]) => !(name in object)));
}
function finished(finish) {
  return (original) => function format3(...args) {
    return finish(Reflect.apply(original, this, args), args);
  };
}
function copyLine2(level, message, context11) {
  const { copy } = correlation();
  copy?.({
    level: level === "log" ? "info" : String(level),
    message,
    ...context11 ? { context: context11 } : {},
    [callContext]: callingContext()
  });
}

// src/logs/correlate-nest-es-module.ts
import { readFileSync as readFileSync2 } from "fs";
import { createRequire } from "module";
import { dirname, join as join2 } from "path";
import { pathToFileURL } from "url";
import { types } from "util";
var maxAttempts = 3;
function correlateNestEsModule(script = process.argv[1]) {
  let undo;
  let stopped = false;
  let file = script === void 0 ? void 0 : findNestEsModule(script);
  let attempts2 = 0;
  const apply = (loaded) => {
    file = void 0;
    const { prototype } = loaded.ConsoleLogger ?? {};
    if (!stopped && prototype && isNestLogger(prototype)) undo = correlateNest(prototype);
  };
  return {
    onWork() {
      if (file === void 0 || !("getMetadata" in Reflect)) return;
      const found = file;
      if (++attempts2 >= maxAttempts) file = void 0;
      try {
        const loaded = createRequire(found)(found);
        if (types.isModuleNamespaceObject(loaded)) return apply(loaded);
      } catch {
      }
      if (process.features.require_module) return;
      file = void 0;
      import(
        /* @vite-ignore */
        pathToFileURL(found).href
      ).then(apply, () => {
      });
    },
    stop() {
      stopped = true;
      undo?.();
    }
  };
}
function findNestEsModule(script) {
  try {
    const file = createRequire(script).resolve("@nestjs/common");
    const manifest = JSON.parse(readFileSync2(join2(dirname(file), "package.json"), "utf8"));
    return manifest.type === "module" ? file : void 0;
  } catch {
    return void 0;
  }
}

// src/logs/correlate-pino.ts
function symbolNamed(owner, description) {
  for (let holder = owner; holder !== null; holder = Object.getPrototypeOf(holder)) {
    const symbol = Object.getOwnPropertySymbols(holder).find((one) => one.description === description);
    if (symbol !== void 0) return symbol;
  }
  return void 0;
}
function isPino(logger2) {
  return symbolNamed(logger2, "pino.asJson") !== void 0;
}
function correlatePino(owner) {
  const symbol = symbolNamed(owner, "pino.asJson");
  if (!symbol) return () => {
  };
  return wrapMethod(owner, symbol, (original) => {
    let bindingsSymbol;
    return function asJson(object, message, level, time) {
      let members = "";
      try {
        copyLine3(this, object, message, level);
        bindingsSymbol ??= symbolNamed(this, "pino.chindings");
        members = membersFor(this, object, bindingsSymbol);
      } catch {
      }
      const line = original.call(this, object, message, level, members === "" ? time : time + members);
      return correlation().levelAsWord ? withLevelAsWord(this, line, level) : line;
    };
  });
}
function membersFor(logger2, object, bindingsSymbol) {
  if (activeTrace() === void 0 && correlation().identity === void 0) return "";
  const bindings = bindingsSymbol === void 0 ? "" : String(logger2[bindingsSymbol] ?? "");
  return jsonMembers((name) => object != null && name in object || bindings.includes(`"${name}":`));
}
function withLevelAsWord(logger2, line, level) {
  const label = logger2.levels?.labels[level];
  const start2 = `{"level":${level},`;
  return label !== void 0 && line.startsWith(start2) ? `{"level":${JSON.stringify(label)},${line.slice(start2.length)}` : line;
}
function copyLine3(logger2, object, message, level) {
  const { copy } = correlation();
  if (!copy) return;
  const line = {
    ...logger2.bindings?.(),
    ...object,
    level: logger2.levels?.labels[level] ?? String(level),
    message: message ?? object?.msg ?? ""
  };
  line[callContext] = callingContext();
  copy(line);
}

// src/logs/correlate-winston.ts
import { LEVEL as LEVEL2 } from "triple-beam";

// src/logs/logger.ts
import { context as context6, ROOT_CONTEXT as ROOT_CONTEXT3 } from "@opentelemetry/api";
import { LEVEL, MESSAGE } from "triple-beam";
import winston from "winston";
import TransportStream from "winston-transport";

// src/logs/child-levels.ts
var childName = /* @__PURE__ */ Symbol("throughline.logs.child-name");
function childLevels() {
  const levels3 = /* @__PURE__ */ new Map();
  const own = {
    mostVerbose: void 0,
    set(name, level) {
      if (level === void 0) levels3.delete(name);
      else levels3.set(name, level);
      own.mostVerbose = [...levels3.values()].sort((a, b) => levelOrder[b] - levelOrder[a])[0];
    },
    markOf(defaults) {
      const name = defaults?.logger ?? defaults?.name;
      return typeof name === "string" ? { [childName]: name } : void 0;
    },
    thresholdFor(info) {
      if (own.mostVerbose === void 0) return void 0;
      const level = levels3.get(info[childName]);
      return level && levelOrder[level];
    }
  };
  return own;
}

// src/logs/json-line.ts
var lineFields = ["timestamp", "trace_id", "span_id", "trace_flags"];
function createJsonLine(identity) {
  let identityText = "";
  for (const [name, value] of Object.entries(identity)) identityText += `,"${name}":${JSON.stringify(value)}`;
  return (record) => {
    let line = `{"timestamp":"${record.timestamp.toISOString()}","level":${JSON.stringify(record.level)},"message":${quoted2(record.message)}`;
    const { spanContext, error, fields } = record;
    if (spanContext) {
      const flags = spanContext.traceFlags & 255;
      line += `,"trace_id":"${spanContext.traceId}","span_id":"${spanContext.spanId}","trace_flags":"${flags < 16 ? "0" : ""}${flags.toString(16)}"`;
    }
    line += identityText;
    for (const name in fields) line += field(name, fields[name]);
    if (error) {
      line += `,"error.type":${JSON.stringify(error.type)},"error.message":${quoted2(error.message)}`;
      if (error.code !== void 0) line += `,"error.code":${JSON.stringify(error.code)}`;
      if (error.stack !== void 0) line += `,"error.stack":${quoted2(error.stack)}`;
    }
    return `${line}}`;
  };
}
function field(name, value) {
  return typeof value === "number" || typeof value === "boolean" ? `,${quoted2(name)}:${value}` : `,${quoted2(name)}:${quoted2(value)}`;
}
function quoted2(value) {
  const text = JSON.stringify(value);
  return hasLineSeparator.test(text) ? text.replace(lineSeparators, escapeCharacter) : text;
}
var hasLineSeparator = /[\u007f-\u009f\u2028\u2029]/;
var lineSeparators = /[\u007f-\u009f\u2028\u2029]/g;
function escapeCharacter(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

// src/logs/pretty-line.ts
import { inspect } from "util";
var colours = {
  emerg: "\x1B[31m",
  alert: "\x1B[31m",
  crit: "\x1B[31m",
  error: "\x1B[31m",
  warn: "\x1B[33m",
  warning: "\x1B[33m",
  notice: "\x1B[32m",
  info: "\x1B[32m",
  http: "\x1B[36m",
  verbose: "\x1B[36m",
  debug: "\x1B[34m",
  silly: "\x1B[35m"
};
var dim = "\x1B[2m";
var reset = "\x1B[0m";
function createPrettyLine(options) {
  const paint = (code, text) => options.colour ? `${code}${text}${reset}` : text;
  return ({ timestamp, level, message, spanContext, error, fields }) => {
    let line = `${paint(dim, clock(timestamp))} ${paint(colours[level] ?? "", printable(level).padEnd(5))} ${printable(message)}`;
    for (const [name, value] of Object.entries(fields)) {
      line += ` ${paint(dim, `${printable(name)}=`)}${printable(shown2(value))}`;
    }
    if (spanContext) line += ` ${paint(dim, `trace=${spanContext.traceId}`)}`;
    if (error) {
      const text = error.stack ?? `${error.type}: ${error.message}`;
      for (const part of text.split("\n")) line += `
    ${printable(part)}`;
    }
    return line;
  };
}
function clock(time) {
  const two = (value) => String(value).padStart(2, "0");
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}
function shown2(value) {
  if (typeof value !== "string") return inspect(value, { breakLength: Number.POSITIVE_INFINITY, depth: 4 });
  return value === "" || /[\s="]/.test(value) ? JSON.stringify(value) : value;
}
function printable(text) {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not get through
    /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => ({ "\n": "\\n", "\r": "\\r", "	": "\\t" })[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`
  );
}

// src/logs/stdout.ts
var ignore = () => {
};
function writeToStdout(line) {
  process.stdout.write(`${line}
`, onWritten);
}
function onWritten(error) {
  const { stdout } = process;
  if (error && stdout.listenerCount("error") === 0) stdout.once("error", ignore);
}

// src/logs/logger.ts
var settledRecord = /* @__PURE__ */ Symbol("throughline.logs.record");
var serviceLoggerMark = /* @__PURE__ */ Symbol.for("throughline.logs.service-logger");
var outputBeforeInit = {
  level: "info",
  format: "json",
  colour: false,
  identity: {},
  redact: [],
  maxFieldLength: 16384,
  writeLine: writeToStdout
};
function createServiceLogger() {
  let reserved = /* @__PURE__ */ new Set();
  let values;
  let renderLine = () => "";
  let writeLine;
  let gate;
  let destinations = [];
  const levelsOfChildren = childLevels();
  const recordOf = (info) => {
    const settled = info[settledRecord];
    if (settled) return settled;
    const record = toLogRecord(info, reserved, values);
    info[settledRecord] = record;
    return record;
  };
  const deliver = (record) => {
    writeLine?.(renderLine(record));
    for (const write2 of destinations) write2(record);
  };
  const settle = winston.format((info) => {
    const fields = info;
    const record = recordOf(fields);
    const { spanContext } = record;
    fields[MESSAGE] = renderLine(record);
    if (spanContext) {
      fields.trace_id = spanContext.traceId;
      fields.span_id = spanContext.spanId;
    }
    return info;
  });
  const own = new TransportStream({
    log(info, next) {
      if (isEnabled(info, logger2.levels[info[LEVEL]]) && (!gate || gate.admit(info, recordOf))) {
        deliver(recordOf(info));
      }
      next();
    }
  });
  const format3 = settle();
  const logger2 = winston.createLogger({
    levels: { ...levelOrder },
    format: format3,
    transports: [own],
    exitOnError: false
  });
  Object.defineProperty(logger2, serviceLoggerMark, { value: true });
  const isPlain = () => logger2._readableState.pipes === own && logger2.format === format3 && !logger2.silent && !own.silent && own.level === levelsOfChildren.mostVerbose && logger2.writableLength === 0 && logger2.listenerCount("data") === 1;
  const isEnabled = (info, severity) => severity !== void 0 && severity <= (levelsOfChildren.thresholdFor(info) ?? logger2.levels[logger2.level] ?? 0);
  const write = logger2.write.bind(logger2);
  logger2.write = ((info, ...rest) => {
    const line = info instanceof Error ? lineOfError(info) : info;
    const active = context6.active();
    if (active !== ROOT_CONTEXT3 && Object.isExtensible(line)) line[callContext] = active;
    else if (line[callContext] !== void 0) line[callContext] = void 0;
    if (line[settledRecord] !== void 0) line[settledRecord] = void 0;
    const severity = logger2.levels[line[LEVEL] ?? line.level];
    if (severity === void 0 || rest.length > 0 || !isPlain()) return write(line, ...rest);
    if (!isEnabled(line, severity)) return true;
    if (gate && !gate.admit(line, settleNow)) return true;
    deliver(settleNow(line));
    return true;
  });
  const settleNow = (info) => toLogRecord(info, reserved, values);
  logger2.child = function child(defaults) {
    const logger3 = Object.create(this);
    const mark = levelsOfChildren.markOf(defaults);
    logger3.write = ((info, ...rest) => Reflect.apply(this.write, this, [
      Object.assign({}, mark, defaults, info instanceof Error ? lineOfError(info) : info),
      ...rest
    ]));
    return logger3;
  };
  const configure = (output) => {
    reserved = /* @__PURE__ */ new Set([...lineFields, ...Object.keys(output.identity)]);
    values = createLineValues(output);
    renderLine = output.format === "json" ? createJsonLine(output.identity) : createPrettyLine({ colour: output.colour });
    writeLine = output.writeLine;
    logger2.level = output.level;
  };
  configure(outputBeforeInit);
  return {
    logger: logger2,
    configure,
    deliver,
    recordOf: settleNow,
    addDestination(writer) {
      destinations = [...destinations, writer];
      return () => {
        destinations = destinations.filter((other) => other !== writer);
      };
    },
    setGate(next) {
      gate = next;
    },
    setChildLevel(name, level) {
      const before = levelsOfChildren.mostVerbose;
      levelsOfChildren.set(name, level);
      if (own.level === before) Object.assign(own, { level: levelsOfChildren.mostVerbose });
    }
  };
}
function lineOfError(error) {
  return { level: error.level, [LEVEL]: error[LEVEL], message: error.message, error };
}

// src/logs/correlate-winston.ts
var added = /* @__PURE__ */ Symbol.for("throughline.logs.added-fields");
function correlateWinston(owner) {
  return wrapMethod(owner, "write", (original) => {
    return function write(info, ...rest) {
      if (info !== null && typeof info === "object" && !(serviceLoggerMark in this)) {
        try {
          addFields(info);
          copyLine4(this, info);
        } catch {
        }
      }
      return rest.length === 0 ? original.call(this, info) : original.call(this, info, ...rest);
    };
  });
}
var traceNames = ["trace_id", "span_id", "trace_flags"];
function addFields(info) {
  const before = info[added];
  if (before !== void 0) {
    for (const name of before) delete info[name];
    info[added] = void 0;
  }
  const trace17 = activeTrace();
  const { identity } = correlation();
  if (trace17 === void 0 && identity === void 0) return;
  let names = traceNames;
  if (trace17 !== void 0 && info.trace_id === void 0) {
    info.trace_id = trace17.trace_id;
    info.span_id = trace17.span_id;
    info.trace_flags = trace17.trace_flags;
  } else names = [];
  if (identity !== void 0) {
    const labels = Object.keys(identity).filter((name) => !(name in info));
    for (const name of labels) info[name] = identity[name];
    names = [...names, ...labels];
  }
  info[added] = names;
}
function copyLine4(logger2, info) {
  const { copy } = correlation();
  if (!copy) return;
  const { silent, isLevelEnabled } = logger2;
  const level = String(info[LEVEL2] ?? info.level);
  if (silent || isLevelEnabled?.call(logger2, level) === false) return;
  const ours = info[added] ?? [];
  const line = info instanceof Error ? { level, message: info.message, error: info } : { ...info, level };
  for (const name of ours) delete line[name];
  line[callContext] = callingContext();
  copy(line);
}

// src/logs/correlate-modules.ts
var patches = {
  winston: {
    name: "winston",
    file: "lib/winston/logger.js",
    supportedVersions: [">=3.0.0 <4"],
    patch: (loggerClass) => correlateWinston(loggerClass.prototype)
  },
  pino: {
    name: "pino",
    file: "lib/proto.js",
    supportedVersions: [">=8.0.0 <11"],
    patch(makePrototype) {
      const prototype = Object.getPrototypeOf(makePrototype());
      return correlatePino(prototype);
    }
  },
  bunyan: {
    name: "bunyan",
    file: "lib/bunyan.js",
    supportedVersions: [">=1.0.0 <3"],
    patch: (loggerClass) => correlateBunyan(loggerClass.prototype)
  },
  nestjs: {
    name: "@nestjs/common",
    file: "services/console-logger.service.js",
    supportedVersions: [">=9.0.0 <12"],
    patch(module) {
      const { ConsoleLogger } = module;
      return correlateNest(ConsoleLogger.prototype);
    }
  }
};
function correlateModules(libraries, patchModule) {
  const undos = [];
  for (const library of libraries) {
    const patch = patches[library];
    if (patch) undos.push(patchModule(patch));
    if (library === "console") undos.push(correlateConsole());
  }
  const nest = libraries.includes("nestjs") ? correlateNestEsModule() : void 0;
  if (nest) undos.push(nest.stop);
  return {
    onWork() {
      nest?.onWork();
    },
    stop() {
      for (const undo of undos.splice(0).reverse()) undo();
    }
  };
}

// src/logs/file-destination.ts
import { appendFileSync } from "fs";

// src/logs/appending-file.ts
import { mkdir, open as open2, stat as stat2 } from "fs/promises";
import { dirname as dirname2 } from "path";
var checkMillis = 1e3;
function appendingFile(path) {
  let handle;
  let inode;
  let nextCheckMillis = 0;
  const onHangUp = () => {
    nextCheckMillis = 0;
  };
  process.on("SIGHUP", onHangUp);
  async function closeHandle() {
    const closing = handle;
    handle = void 0;
    await closing?.close().catch(() => {
    });
  }
  async function opened() {
    const now = performance.now();
    if (handle && now >= nextCheckMillis) {
      const current = await stat2(path).catch(() => void 0);
      if (current?.ino !== inode) await closeHandle();
    }
    if (!handle) {
      handle = await openFile(path);
      inode = (await handle.stat()).ino;
    }
    if (now >= nextCheckMillis) nextCheckMillis = now + checkMillis;
    return handle;
  }
  return {
    async append(text) {
      let written = 0;
      try {
        const target = await opened();
        const bytes = Buffer.from(text);
        while (written < bytes.length) {
          const { bytesWritten } = await target.write(bytes, written, bytes.length - written);
          written += bytesWritten;
        }
        return void 0;
      } catch (error) {
        await closeHandle();
        return { error, torn: written > 0 };
      }
    },
    async close() {
      process.off("SIGHUP", onHangUp);
      await closeHandle();
    }
  };
}
async function openFile(path) {
  try {
    return await open2(path, "a");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    await mkdir(dirname2(path), { recursive: true });
    return open2(path, "a");
  }
}

// src/logs/rotating-file.ts
import { basename, dirname as dirname3 } from "path";
import { createStream } from "rotating-file-stream";
function rotatingFile(path, { maxSizeBytes, rotateEvery, maxFiles = 5 }) {
  const name = basename(path);
  const options = {
    path: dirname3(path),
    rotate: maxFiles,
    ...maxSizeBytes === void 0 ? {} : { size: sizeText(maxSizeBytes) },
    ...rotateEvery === void 0 ? {} : { interval: rotateEvery === "hour" ? "1h" : "1d" }
  };
  let stream;
  function opened() {
    if (!stream || stream.destroyed) {
      stream = createStream((index) => index ? `${name}.${index}` : name, options);
      stream.on("error", () => {
      });
    }
    return stream;
  }
  return {
    append: (text) => new Promise((resolve) => {
      const target = opened();
      target.write(text, (error) => {
        if (!error) return resolve(void 0);
        target.destroy();
        stream = void 0;
        resolve({ error, torn: true });
      });
    }),
    close: () => new Promise((resolve) => {
      if (!stream || stream.destroyed) return resolve();
      stream.end(() => resolve());
      stream.once("error", () => resolve());
    })
  };
}
function sizeText(bytes) {
  return `${bytes}B`;
}

// src/logs/file-destination.ts
var maxPendingLength = 8 * 1024 * 1024;
function createFileOutput(destination, observer) {
  const path = destination.file.replaceAll("{pid}", String(process.pid));
  const rotates = destination.maxSizeBytes !== void 0 || destination.rotateEvery !== void 0;
  const file = rotates ? rotatingFile(path, destination) : appendingFile(path);
  let pending = [];
  let pendingLength = 0;
  let writing;
  let torn = false;
  const take = () => {
    const lines = pending;
    pending = [];
    pendingLength = 0;
    return { text: `${torn ? "\n" : ""}${lines.join("\n")}
`, count: lines.length };
  };
  const settle = (count, startMillis, error) => {
    const durationSeconds = (performance.now() - startMillis) / 1e3;
    if (error) observer.failed(count, durationSeconds, error);
    else observer.exported(count, durationSeconds);
  };
  async function writeAll() {
    await new Promise((resolve) => setImmediate(resolve));
    while (pending.length > 0) {
      const { text, count } = take();
      const startMillis = performance.now();
      const failure = await file.append(text);
      torn = failure ? failure.torn || torn : false;
      settle(count, startMillis, failure?.error);
    }
    writing = void 0;
  }
  const onExit = () => {
    if (pending.length === 0) return;
    const { text, count } = take();
    const startMillis = performance.now();
    try {
      appendFileSync(path, text);
      settle(count, startMillis);
    } catch (error) {
      settle(count, startMillis, error);
    }
  };
  process.on("exit", onExit);
  return {
    write(line) {
      if (pendingLength > maxPendingLength) {
        observer.dropped(1);
        return;
      }
      pending.push(line);
      pendingLength += line.length;
      writing ??= writeAll();
    },
    async flush() {
      await writing;
    },
    async close() {
      await writing;
      process.off("exit", onExit);
      await file.close();
    }
  };
}

// src/logs/flood-control.ts
import { trace as trace12 } from "@opentelemetry/api";
var maxTemplates = 2e3;
var maxFailedTraces = 1e4;
var maxHeld = 5e3;
var maxHeldOfTrace = 200;
var holdMillis = 6e4;
var maxSaid = 10;
function createFloodControl(limits, deliver, say, count) {
  const intervalMillis = limits.intervalSeconds * 1e3;
  const buckets = /* @__PURE__ */ new Map();
  const failed2 = /* @__PURE__ */ new Set();
  const held = /* @__PURE__ */ new Map();
  let templates = /* @__PURE__ */ new Map();
  let heldCount = 0;
  let intervalEndMillis = performance.now() + intervalMillis;
  let timer;
  function templateOf(info) {
    const level = String(info.level);
    const message = messageTemplate(info.message);
    const key3 = `${level} ${message}`;
    let template = templates.get(key3);
    if (!template) {
      template = { level, message, written: 0, dropped: 0 };
      if (templates.size < maxTemplates) templates.set(key3, template);
    }
    return template;
  }
  function isOverRate(level) {
    const perSecond = limits.maxLinesPerSecond?.[level];
    if (perSecond === void 0) return false;
    const now = performance.now();
    const bucket = buckets.get(level) ?? { tokens: perSecond, atMillis: now };
    bucket.tokens = Math.min(perSecond, bucket.tokens + (now - bucket.atMillis) / 1e3 * perSecond);
    bucket.atMillis = now;
    buckets.set(level, bucket);
    if (bucket.tokens < 1) return true;
    bucket.tokens--;
    return false;
  }
  function drop(template, lines = 1) {
    template.dropped += lines;
    count(lines);
    arm();
  }
  function hold(traceId, record, template) {
    let ofTrace = held.get(traceId);
    if (!ofTrace) {
      ofTrace = { sinceMillis: performance.now(), lines: [] };
      held.set(traceId, ofTrace);
    }
    ofTrace.lines.push({ record, template });
    heldCount++;
    if (ofTrace.lines.length > maxHeldOfTrace) {
      const [oldest] = ofTrace.lines.splice(0, 1);
      heldCount--;
      if (oldest) drop(oldest.template);
    }
    if (heldCount > maxHeld) {
      const [oldestTrace] = held.keys();
      if (oldestTrace !== void 0) release(oldestTrace);
    }
    arm();
  }
  function release(traceId) {
    const ofTrace = held.get(traceId);
    if (!ofTrace) return;
    held.delete(traceId);
    heldCount -= ofTrace.lines.length;
    for (const { template } of ofTrace.lines) drop(template);
  }
  function traceFailed(traceId) {
    failed2.add(traceId);
    if (failed2.size > maxFailedTraces) {
      const [oldest] = failed2;
      if (oldest !== void 0) failed2.delete(oldest);
    }
    const ofTrace = held.get(traceId);
    if (!ofTrace) return;
    held.delete(traceId);
    heldCount -= ofTrace.lines.length;
    for (const { record } of ofTrace.lines) deliver(record);
  }
  function endInterval() {
    const now = performance.now();
    for (const [traceId, { sinceMillis }] of held) {
      if (now - sinceMillis >= holdMillis) release(traceId);
    }
    const dropped = [...templates.values()].filter((template) => template.dropped > 0);
    templates = /* @__PURE__ */ new Map();
    for (const { lines } of held.values()) {
      for (const { template } of lines) templates.set(`${template.level} ${template.message}`, template);
    }
    for (const template of templates.values()) template.written = 0;
    if (dropped.length > 0) {
      say({
        total: dropped.reduce((sum, template) => sum + template.dropped, 0),
        messages: dropped.sort((a, b) => b.dropped - a.dropped).slice(0, maxSaid).map(({ level, message, dropped: dropped2 }) => ({ level, message, count: dropped2 }))
      });
      for (const template of dropped) template.dropped = 0;
    }
    intervalEndMillis = now + intervalMillis;
    clearTimeout(timer);
    timer = void 0;
    if (held.size > 0) arm();
  }
  function arm() {
    if (timer) return;
    timer = setTimeout(endInterval, Math.max(1, intervalEndMillis - performance.now()));
    timer.unref();
  }
  return {
    admit(info, settle) {
      if (performance.now() >= intervalEndMillis) endInterval();
      const traceId = info[callContext] === void 0 ? void 0 : trace12.getSpanContext(info[callContext])?.traceId;
      if (traceId !== void 0 && isErrorLevel(String(info.level))) traceFailed(traceId);
      const template = templateOf(info);
      const isRepeat = limits.maxRepeats !== void 0 && template.written >= limits.maxRepeats;
      if (!isRepeat && !isOverRate(template.level) || traceId !== void 0 && failed2.has(traceId)) {
        template.written++;
        return true;
      }
      if (traceId === void 0) drop(template);
      else hold(traceId, settle(info), template);
      return false;
    },
    traceFailed,
    stop() {
      for (const traceId of [...held.keys()]) release(traceId);
      endInterval();
      clearTimeout(timer);
    }
  };
}
function messageTemplate(message) {
  const text = typeof message === "string" ? message : message instanceof Error ? message.message : "";
  return text.slice(0, 200).replace(/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b|\d+/gi, "#");
}

// src/logs/otlp-records.ts
import { ROOT_CONTEXT as ROOT_CONTEXT4 } from "@opentelemetry/api";
import { SeverityNumber } from "@opentelemetry/api-logs";
var severityByLevel = {
  emerg: SeverityNumber.FATAL,
  fatal: SeverityNumber.FATAL,
  alert: SeverityNumber.ERROR3,
  crit: SeverityNumber.ERROR2,
  error: SeverityNumber.ERROR,
  warning: SeverityNumber.WARN,
  warn: SeverityNumber.WARN,
  notice: SeverityNumber.INFO2,
  info: SeverityNumber.INFO,
  http: SeverityNumber.DEBUG3,
  verbose: SeverityNumber.DEBUG2,
  debug: SeverityNumber.DEBUG,
  silly: SeverityNumber.TRACE,
  trace: SeverityNumber.TRACE
};
function otlpRecords(otlp) {
  return ({ timestamp, level, message, context: context11, error, fields }) => {
    const attributes = { ...fields };
    if (error) {
      attributes["exception.type"] = error.type;
      attributes["exception.message"] = error.message;
      if (error.stack !== void 0) attributes["exception.stacktrace"] = error.stack;
      if (error.code !== void 0) attributes["error.code"] = error.code;
    }
    otlp.emit({
      timestamp,
      severityNumber: severityByLevel[level] ?? SeverityNumber.UNSPECIFIED,
      severityText: level,
      body: message,
      attributes,
      context: context11 ?? ROOT_CONTEXT4
    });
  };
}

// src/logs/log-pipeline.ts
function configureLogger(serviceLogger2, options, { environment, labels, writeLine }) {
  serviceLogger2.configure({
    level: options.level,
    format: options.format ?? (process.stdout.isTTY ? "pretty" : "json"),
    colour: process.stdout.isTTY === true && !environment.NO_COLOR,
    identity: labels,
    redact: options.redact,
    maxFieldLength: options.maxFieldLength,
    writeLine: options.destinations.includes("stdout") ? writeLine ?? outputBeforeInit.writeLine : void 0
  });
}
function watchRequiredFields(serviceLogger2, contract, record) {
  const check2 = requiredFieldsCheck(
    contract?.logs?.requiredFields ?? [],
    Object.values(identityLabelOf),
    (field2) => record.happened({
      rule: "log_field_required",
      subject: field2,
      message: `a log line has no '${field2}'`
    })
  );
  return check2 ? serviceLogger2.addDestination(check2) : () => {
  };
}
function exportLogs(serviceLogger2, options, identity, labels, observer, report) {
  const removals = [];
  let otlp;
  let copy;
  if (options.destinations.includes("otlp")) {
    const observed2 = observeBoth(observer, exportReporter("log records", options.endpoint, report));
    otlp = createLoggerPipeline(options, identity, observed2);
    const emit = otlpRecords(otlp.provider.getLogger("@throughline/core", version));
    removals.push(serviceLogger2.addDestination(emit));
    copy = (info) => emit(serviceLogger2.recordOf(info));
  }
  const { correlateWith } = options;
  setCorrelation({
    identity: correlateWith.includes("identity") ? labels : void 0,
    levelAsWord: correlateWith.includes("level"),
    copy: correlateWith.includes("otlp") ? copy : void 0
  });
  removals.push(() => setCorrelation(void 0));
  const files = [];
  const jsonLine = createJsonLine(labels);
  for (const destination of options.destinations) {
    if (typeof destination !== "object") continue;
    const reporter = exportReporter("log records", destination.file, report, "OBS_LOG_FILE_FAILED");
    const file = createFileOutput(destination, observeBoth(observer, reporter));
    files.push(file);
    removals.push(serviceLogger2.addDestination((record) => file.write(jsonLine(record))));
  }
  return {
    otlp,
    forceFlush: () => Promise.all([otlp?.forceFlush(), ...files.map((file) => file.flush())]),
    shutdown: () => Promise.all([otlp?.shutdown(), ...files.map((file) => file.close())]),
    hurry: (longestMillis) => otlp?.hurry(longestMillis),
    abandon: () => otlp?.abandon(),
    remove() {
      for (const remove of removals) remove();
    }
  };
}
function limitLogs(serviceLogger2, { flood: limits }, suppressed) {
  if (limits.maxRepeats === void 0 && limits.maxLinesPerSecond === void 0) return void 0;
  const flood = createFloodControl(
    limits,
    serviceLogger2.deliver,
    ({ total, messages }) => {
      serviceLogger2.deliver(
        serviceLogger2.recordOf({
          level: "warn",
          message: `${total} log lines were dropped by flood control.`,
          dropped: messages
        })
      );
    },
    suppressed
  );
  serviceLogger2.setGate(flood);
  return {
    traceFailed: flood.traceFailed,
    stop() {
      serviceLogger2.setGate(void 0);
      flood.stop();
    }
  };
}
function adjustableLevel(serviceLogger2, options) {
  const { logger: logger2 } = serviceLogger2;
  const service = temporarySetting("level", checkLogLevel, options.level, (level) => {
    logger2.level = level;
    logger2.info(`Log level: ${level}.`);
  });
  const children = /* @__PURE__ */ new Map();
  const childSetting = (name) => {
    let setting = children.get(name);
    if (!setting) {
      setting = temporarySetting("level", checkLogLevel, void 0, (level) => {
        serviceLogger2.setChildLevel(name, level);
        logger2.info(`Log level of '${name}': ${level ?? "that of the service"}.`);
      });
      children.set(name, setting);
    }
    return setting;
  };
  const { debugSignal } = options;
  const onSignal = () => {
    if (logger2.level === "debug") service.set(options.level);
    else service.set("debug", { forSeconds: options.debugSignalSeconds });
  };
  if (debugSignal) process.on(debugSignal, onSignal);
  return {
    service,
    child: childSetting,
    set(level, { logger: name, ...rest } = {}) {
      (name === void 0 ? service : childSetting(name)).set(level, rest);
    },
    stop() {
      if (debugSignal) process.off(debugSignal, onSignal);
      service.stop();
      for (const [name, setting] of children) {
        setting.stop();
        serviceLogger2.setChildLevel(name, void 0);
      }
    }
  };
}

// src/messaging/messaging-operations.ts
import {
  context as context7,
  createContextKey as createContextKey3,
  isSpanContextValid as isSpanContextValid4,
  propagation as propagation2,
  ROOT_CONTEXT as ROOT_CONTEXT5,
  SpanKind as SpanKind5,
  SpanStatusCode as SpanStatusCode6,
  trace as trace13
} from "@opentelemetry/api";
import { isTracingSuppressed as isTracingSuppressed5 } from "@opentelemetry/core";

// src/messaging/message-headers.ts
var maxValueBytes = 8192;
function textOf2(value) {
  if (typeof value === "string") return value.length <= maxValueBytes ? value : void 0;
  if (value instanceof Uint8Array) {
    if (value.byteLength > maxValueBytes) return void 0;
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("utf8");
    return text.includes("\uFFFD") ? void 0 : text;
  }
  if (Array.isArray(value))
    return value.length > 0 && !Array.isArray(value[0]) ? textOf2(value[0]) : void 0;
  return void 0;
}
function findValue(headers, name) {
  if (Array.isArray(headers)) return headers.find((entry) => entry && Object.hasOwn(entry, name))?.[name];
  if (headers instanceof Map) {
    const value = headers.get(name);
    if (value !== void 0) return value;
    for (const [key3, found] of headers) if (key3 instanceof Uint8Array && textOf2(key3) === name) return found;
    return void 0;
  }
  return Object.hasOwn(headers, name) ? headers[name] : void 0;
}
var headerGetter2 = {
  get: (headers, name) => textOf2(findValue(headers, name)),
  keys(headers) {
    if (Array.isArray(headers)) return headers.flatMap((entry) => Object.keys(entry ?? {}));
    if (headers instanceof Map) return [...headers.keys()].map((key3) => textOf2(key3) ?? "");
    return Object.keys(headers);
  }
};
function hasHeader(headers, name) {
  const value = findValue(headers, name);
  return value !== void 0 && value !== null;
}
function setHeader(headers, name, value) {
  if (Array.isArray(headers)) headers.push({ [name]: value });
  else if (headers instanceof Map) headers.set(usesBuffers(headers) ? Buffer.from(name) : name, value);
  else headers[name] = value;
}
function usesBuffers(headers) {
  const { value } = headers.keys().next();
  return value instanceof Uint8Array;
}

// src/messaging/messaging-operations.ts
var maxLinks = 64;
var maxKeyLength = 128;
var batchKey = createContextKey3("throughline.messaging.batch");
var notRecorded2 = {
  span: void 0,
  run: (fn) => fn(),
  end() {
  }
};
function createMessagingOperations(tracer, metrics2, propagator) {
  const fields = propagator.fields();
  const traceHeaders = fields.filter((name) => name !== "baggage");
  const hasOwnContext = (headers) => traceHeaders.some((name) => hasHeader(headers, name));
  const remoteSpanContext = (headers, base) => trace13.getSpanContext(propagator.extract(base, headers, headerGetter2));
  return {
    startSend(sent) {
      const parent = context7.active();
      if (isTracingSuppressed5(parent)) return notRecorded2;
      const foreign = sent.headers.filter(hasOwnContext);
      const attributes = attributesOf(sent, "send", "send");
      const { count } = sent;
      if (count > 1) attributes["messaging.batch.message_count"] = count;
      const span = tracer.startSpan(
        nameOf("send", sent.destination),
        { kind: SpanKind5.PRODUCER, attributes, links: linksTo(foreign) },
        parent
      );
      const spanContext = trace13.setSpan(parent, span);
      inject(spanContext, sent.headers);
      return start(span, spanContext, (durationSeconds, type) => {
        metrics2.sent(sent, count, type, span);
        metrics2.operation(sent, "send", durationSeconds, type, span);
      });
    },
    startReceive(received) {
      const parent = context7.active();
      if (isTracingSuppressed5(parent)) return notRecorded2;
      const startTime = Date.now();
      const startMillis = performance.now();
      let ended = false;
      return {
        span: void 0,
        run: (fn) => fn(),
        end(outcome = {}) {
          if (ended) return;
          ended = true;
          const durationSeconds = (performance.now() - startMillis) / 1e3;
          const { count = 0 } = outcome;
          const failure = failureOf(outcome);
          let span;
          if (trace13.getSpan(parent) && (count > 0 || failure)) {
            const attributes = attributesOf(received, "poll", "receive");
            const options = { kind: SpanKind5.CLIENT, attributes, startTime };
            span = tracer.startSpan(nameOf("poll", received.destination), options, parent);
            describeOutcome(span, outcome, failure);
            span.end();
          }
          if (received.destination !== void 0 && count > 0)
            metrics2.consumed(received, count, failure, span);
          metrics2.operation(received, "poll", durationSeconds, failure, span);
        }
      };
    },
    startBatch(batch, { counted = false } = {}) {
      const active = context7.active();
      if (isTracingSuppressed5(active)) return notRecorded2;
      const base = withContextFields(withoutSpan(active), logFieldsOf(batch));
      const attributes = attributesOf(batch, "process_batch", "process");
      attributes["messaging.batch.message_count"] = batch.count;
      const span = tracer.startSpan(
        nameOf("process_batch", batch.destination),
        { kind: SpanKind5.CONSUMER, attributes, links: linksTo(batch.headers ?? [], base) },
        base
      );
      if (!counted) metrics2.consumed(batch, batch.count, void 0, span);
      const ageSeconds = ageOf(batch);
      const runningBatch = { span, isProcessedSingly: false };
      const running = trace13.setSpan(base, span).setValue(batchKey, runningBatch);
      return start(span, running, (durationSeconds, type) => {
        metrics2.processed(batch, "process_batch", durationSeconds, type, span);
        if (!runningBatch.isProcessedSingly && ageSeconds !== void 0) metrics2.age(batch, ageSeconds, span);
      });
    },
    startProcess(message, { relation = "child", counted = false } = {}) {
      const active = context7.active();
      if (isTracingSuppressed5(active)) return notRecorded2;
      const batch = active.getValue(batchKey);
      if (batch) batch.isProcessedSingly = true;
      const batchSpan = batch?.span;
      const base = withContextFields(withoutSpan(active), logFieldsOf(message));
      const { headers } = message;
      const extracted = headers ? propagator.extract(base, headers, headerGetter2) : base;
      const producer = trace13.getSpanContext(extracted);
      const links = [];
      let parent = extracted;
      const hasSpan = producer !== void 0 && isSpanContextValid4(producer);
      if (producer && (relation === "child" || !hasSpan)) {
        if (batchSpan) links.push({ context: batchSpan.spanContext() });
      } else {
        if (producer) links.push({ context: producer });
        parent = batchSpan ? trace13.setSpan(extracted, batchSpan) : trace13.deleteSpan(extracted);
      }
      const span = tracer.startSpan(
        nameOf("process", message.destination),
        { kind: SpanKind5.CONSUMER, attributes: attributesOf(message, "process", "process"), links },
        parent
      );
      if (!batchSpan && !counted) metrics2.consumed(message, 1, void 0, span);
      const ageSeconds = ageOf(message);
      if (ageSeconds !== void 0) metrics2.age(message, ageSeconds, span);
      const running = trace13.setSpan(parent, span);
      return start(
        span,
        running,
        (durationSeconds, type) => metrics2.processed(message, "process", durationSeconds, type, span)
      );
    },
    countConsumed: (labels, count) => metrics2.consumed(labels, count, void 0, trace13.getSpan(context7.active())),
    injectHeaders: (headers) => inject(context7.active(), [headers]),
    observeGroup: (system, consumerGroup) => observeGroup(metrics2, system, consumerGroup)
  };
  function isThere(headers, name) {
    if (hasHeader(headers, name)) return true;
    if (fields.includes(name)) return false;
    const lower = name.toLowerCase();
    return headerGetter2.keys(headers).some((key3) => isName(key3, lower));
  }
  function inject(source, targets) {
    const injected = {};
    propagator.inject(source, injected, {
      set(carrier, name, value) {
        carrier[name] = value;
      }
    });
    const names = Object.keys(injected);
    for (const headers of targets) {
      if (hasOwnContext(headers)) continue;
      for (const name of names) if (!isThere(headers, name)) setHeader(headers, name, injected[name] ?? "");
    }
  }
  function linksTo(headers, base = ROOT_CONTEXT5) {
    const links = /* @__PURE__ */ new Map();
    for (const one of headers) {
      if (links.size === maxLinks) break;
      const spanContext = one && remoteSpanContext(one, base);
      if (spanContext && isSpanContextValid4(spanContext)) {
        links.set(spanContext.traceId + spanContext.spanId, { context: spanContext });
      }
    }
    return [...links.values()];
  }
}
function start(span, running, onEnd) {
  return new Started2(span, running, onEnd);
}
var Started2 = class {
  constructor(span, running, onEnd) {
    this.span = span;
    this.running = running;
    this.onEnd = onEnd;
  }
  span;
  running;
  onEnd;
  startMillis = performance.now();
  ended = false;
  run(fn) {
    return context7.with(this.running, fn);
  }
  end(outcome = {}) {
    if (this.ended) return;
    this.ended = true;
    const durationSeconds = (performance.now() - this.startMillis) / 1e3;
    const { span } = this;
    const failure = failureOf(outcome);
    describeOutcome(span, outcome, failure);
    span.end();
    this.onEnd(durationSeconds, failure);
  }
};
function ageOf({ timestampMillis }) {
  const millis = Number(timestampMillis ?? Number.NaN);
  return millis > 0 ? Math.max(0, Date.now() - millis) / 1e3 : void 0;
}
function failureOf(outcome) {
  return "error" in outcome ? outcome.errorType ?? errorType(outcome.error) : void 0;
}
function describeOutcome(span, outcome, failure) {
  if (failure !== void 0) {
    const { error } = outcome;
    span.setAttribute("error.type", failure);
    const message = error instanceof Error ? error.message : void 0;
    span.setStatus({ code: SpanStatusCode6.ERROR, ...message ? { message } : {} });
    if (error instanceof Error) span.recordException(error);
  }
  if (outcome.count !== void 0) span.setAttribute("messaging.batch.message_count", outcome.count);
  if (outcome.attributes) span.setAttributes(outcome.attributes);
}
function withoutSpan(active) {
  const base = trace13.getSpanContext(active) ? trace13.deleteSpan(active) : active;
  return propagation2.getBaggage(base) ? propagation2.deleteBaggage(base) : base;
}
function nameOf(operation, destination) {
  return destination === void 0 ? operation : `${operation} ${destination}`;
}
function attributesOf(about, operationName, operationType) {
  const attributes = {
    "messaging.system": about.system,
    "messaging.operation.name": operationName,
    "messaging.operation.type": operationType
  };
  const { destination, partition, offset, key: key3, consumerGroup, clientId, tombstone } = about;
  if (destination !== void 0) attributes["messaging.destination.name"] = destination;
  if (partition !== void 0) attributes["messaging.destination.partition.id"] = String(partition);
  if (consumerGroup !== void 0) attributes["messaging.consumer.group.name"] = consumerGroup;
  if (clientId !== void 0) attributes["messaging.client.id"] = clientId;
  if (about.system === "kafka") {
    if (offset !== void 0) attributes["messaging.kafka.offset"] = Number(offset);
    const text = key3 === void 0 || key3 === null ? void 0 : textKey(key3);
    if (text !== void 0) attributes["messaging.kafka.message.key"] = text;
    if (tombstone === true) attributes["messaging.kafka.message.tombstone"] = true;
  }
  return attributes;
}
function textKey(key3) {
  if (typeof key3 !== "string" && !(key3 instanceof Uint8Array)) return void 0;
  const text = typeof key3 === "string" ? key3 : Buffer.from(key3.buffer, key3.byteOffset, Math.min(key3.byteLength, 4 * maxKeyLength)).toString("utf8");
  const cut = text.slice(0, maxKeyLength);
  return cut === "" || /[\u0000-\u001F\u007F\uFFFD]/.test(cut) ? void 0 : cut;
}
function logFieldsOf({ destination, partition, offset }) {
  const fields = {};
  if (destination !== void 0) fields.topic = destination;
  if (partition !== void 0) fields.partition = partition;
  if (offset !== void 0) fields.offset = typeof offset === "number" ? offset : String(offset);
  return fields;
}
function observeGroup(metrics2, system, consumerGroup) {
  const known = /* @__PURE__ */ new Map();
  const forget = () => {
    for (const remove of known.values()) remove();
    known.clear();
  };
  return {
    lag(destination, partition, messages) {
      const labels = { system, destination, consumerGroup };
      metrics2.lag(labels, String(partition), messages);
      const name = `${destination}/${partition}`;
      if (!known.has(name)) known.set(name, () => metrics2.forgetLag(labels, String(partition)));
    },
    rebalanced() {
      forget();
      metrics2.rebalanced({ system, consumerGroup });
    },
    left: forget
  };
}

// src/metrics/contract-at-start.ts
import { register as defaultRegistry } from "prom-client";

// src/metrics/label-removal.ts
function withoutLabels(metric, drops) {
  if (!metric.values.some(({ labels, sharedLabels }) => hasAny(labels, drops) || hasAny(sharedLabels, drops))) {
    return metric;
  }
  const kept = keptLabels(drops);
  const merged = /* @__PURE__ */ new Map();
  const mergedQuantiles = /* @__PURE__ */ new Set();
  for (const sample of metric.values) {
    const labels = kept(sample.labels);
    const sharedLabels = kept(sample.sharedLabels);
    const key3 = JSON.stringify([sample.metricName, sorted({ ...sharedLabels, ...labels })]);
    const earlier = merged.get(key3);
    const own = {
      ...sample,
      ...labels ? { labels } : {},
      ...sharedLabels ? { sharedLabels } : {}
    };
    merged.set(key3, earlier ? joined(metric, earlier, own) : own);
    if (earlier && isQuantile(metric, own)) mergedQuantiles.add(key3);
  }
  for (const key3 of mergedQuantiles) merged.delete(key3);
  return { ...metric, values: [...merged.values()] };
}
function hasAny(labels, drops) {
  for (const name in labels) if (drops(name)) return true;
  return false;
}
function keptLabels(drops) {
  const known = /* @__PURE__ */ new Map();
  return (labels) => {
    if (!hasAny(labels, drops) || labels === void 0) return labels;
    let rest = known.get(labels);
    if (!rest) {
      rest = Object.fromEntries(Object.entries(labels).filter(([name]) => !drops(name)));
      known.set(labels, rest);
    }
    return rest;
  };
}
function sorted(labels) {
  return Object.entries(labels).filter(([, value]) => value !== void 0 && value !== "").map(([name, value]) => [name, String(value)]).sort(([a], [b]) => a < b ? -1 : 1);
}
function joined({ type, isSum }, earlier, later) {
  if (type !== "counter" && type !== "histogram" && type !== "summary" && !isSum) return later;
  const exemplar = (later.exemplar?.timestamp ?? 0) >= (earlier.exemplar?.timestamp ?? 0) ? later.exemplar ?? earlier.exemplar : earlier.exemplar;
  return {
    ...earlier,
    value: earlier.value + later.value,
    ...exemplar === void 0 ? {} : { exemplar }
  };
}
function isQuantile(metric, { labels, sharedLabels }) {
  return metric.type === "summary" && (labels?.quantile !== void 0 || sharedLabels?.quantile !== void 0);
}

// src/metrics/prometheus-names.ts
var units = {
  d: "days",
  h: "hours",
  min: "minutes",
  s: "seconds",
  ms: "milliseconds",
  us: "microseconds",
  ns: "nanoseconds",
  By: "bytes",
  KiBy: "kibibytes",
  MiBy: "mebibytes",
  GiBy: "gibibytes",
  KBy: "kilobytes",
  MBy: "megabytes",
  GBy: "gigabytes",
  m: "meters",
  V: "volts",
  A: "amperes",
  J: "joules",
  W: "watts",
  g: "grams",
  Cel: "celsius",
  Hz: "hertz",
  "%": "percent"
};
var per = {
  s: "second",
  m: "minute",
  min: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  y: "year"
};
function prometheusMetricName(name, unit, type) {
  let translated = name.replace(/[^a-zA-Z0-9_:]+/g, "_").replace(/^(\d)/, "_$1");
  const isTotal2 = translated.endsWith("_total");
  if (type === "counter" && isTotal2) translated = translated.slice(0, -"_total".length);
  const suffix = unitSuffix(unit, type);
  if (suffix !== "" && !translated.endsWith(`_${suffix}`)) translated += `_${suffix}`;
  return type === "counter" ? `${translated}_total` : translated;
}
function prometheusLabelName(name) {
  const translated = name.replace(/[^a-zA-Z0-9_]+/g, "_");
  return /^(\d|__)/.test(translated) ? `key_${translated}` : translated;
}
var formatLabels = /* @__PURE__ */ new Set(["le", "quantile"]);
function attributeLabel(name, isTaken = () => false) {
  const label = prometheusLabelName(name);
  return formatLabels.has(label) || isTaken(label) ? `exported_${label}` : label;
}
function prometheusLabels(attributes) {
  const labels = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value === void 0 || value === null || name === "") continue;
    const label = attributeLabel(name);
    const text = Array.isArray(value) ? JSON.stringify(value) : String(value);
    labels[label] = Object.hasOwn(labels, label) ? `${labels[label]};${text}` : text;
  }
  return labels;
}
function unitSuffix(unit, type) {
  const plain = unit.replace(/\{[^}]*\}/g, "").trim();
  if (plain === "1") return type === "gauge" ? "ratio" : "";
  const [counted = "", over] = plain.split("/");
  const words2 = (text) => text.replace(/[^a-zA-Z0-9]+/g, "_").replace(/^_|_$/g, "");
  const main = units[counted] ?? words2(counted);
  if (over === void 0 || over === "") return main;
  const divisor = `per_${per[over] ?? words2(over)}`;
  return main === "" ? divisor : `${main}_${divisor}`;
}

// src/metrics/contract-enforcement.ts
function contractMetrics(contract, record) {
  if (!contract) {
    return {
      drops: () => false,
      hasLabelRules: false,
      declared() {
      },
      takesAttribute: () => true,
      enforce: (metrics2) => metrics2
    };
  }
  const ruleOf = labelRule(contract);
  const check2 = metricCheck(contract);
  const drops = (label) => ruleOf(label) !== void 0;
  const hasLabelRules = (contract.labels?.forbidden?.length ?? 0) > 0 || contract.labels?.allowed !== void 0;
  const declared = (metric) => {
    for (const breach of check2(metric)) record.found(breach);
  };
  return {
    drops,
    hasLabelRules,
    declared,
    takesAttribute(name) {
      const label = prometheusLabelName(name);
      const rule = ruleOf(label);
      if (rule === void 0) return true;
      const why = rule === "label_forbidden" ? "is forbidden" : "is not among the allowed labels";
      record.found({
        rule,
        subject: label,
        message: `a metric of the OpenTelemetry API has the attribute '${name}', and label '${label}' ${why}`
      });
      return false;
    },
    enforce: (metrics2) => metrics2.map((metric) => {
      declared({ name: metric.name, type: metric.type, labelNames: labelNamesOf2(metric) });
      return hasLabelRules ? withoutLabels(metric, drops) : metric;
    })
  };
}
function declaredMetrics(registries) {
  return [...new Set(registries)].flatMap(
    (registry) => registry.getMetricsAsArray().map(
      ({ name, type, labelNames = [] }) => ({
        name,
        type,
        labelNames: labelNames.filter((label) => label !== overflowLabel)
      })
    )
  );
}
function labelNamesOf2({ values }) {
  const names = /* @__PURE__ */ new Set();
  let shared;
  for (const sample of values) {
    for (const name in sample.labels) names.add(name);
    if (sample.sharedLabels === shared) continue;
    shared = sample.sharedLabels;
    for (const name in shared) names.add(name);
  }
  return names;
}

// src/metrics/contract-at-start.ts
function checkContractAtStart({ contract, metrics: metrics2 }, labels, custom) {
  const breaches = contract ? breachesAtStart(contract, {
    labels,
    metrics: declaredMetrics([custom, defaultRegistry, ...metrics2.registries])
  }) : [];
  return { contract, breaches, problems: breaches.length > 0 ? [contractBreached(breaches)] : [] };
}

// src/metrics/metric-pipeline.ts
import { collectDefaultMetrics } from "prom-client";

// src/contract/breach-record.ts
var maxRemembered = 1e3;
function createBreachRecord(known, count, report) {
  const said = /* @__PURE__ */ new Map();
  const isNew = (breach) => {
    if (said.has(breach.message) || said.size >= maxRemembered) return false;
    said.set(breach.message, breach);
    return true;
  };
  for (const breach of known) if (isNew(breach)) count(breach.rule);
  return {
    found(breach) {
      if (!isNew(breach)) return;
      count(breach.rule);
      report(contractBreached([breach]));
    },
    happened(breach) {
      count(breach.rule);
      if (isNew(breach)) report(contractBreached([breach]));
    },
    all: () => [...said.values()]
  };
}

// src/instruments/registry.ts
import { Registry as Registry2 } from "prom-client";
function createRegistry() {
  const registry = new Registry2();
  registry.setContentType(Registry2.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

// src/messaging/messaging-metrics.ts
var ageBuckets = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 21600, 86400];
function createMessagingMetrics(registry, settings) {
  const groupLabels = ["messaging_system", "messaging_destination_name", "messaging_consumer_group_name"];
  const recordSent = createCounter(registry, settings, {
    name: "messaging_client_sent_messages_total",
    help: "Messages that producers tried to send to the broker.",
    labelNames: [...groupLabels, "error_type"]
  });
  const recordConsumed = createCounter(registry, settings, {
    name: "messaging_client_consumed_messages_total",
    help: "Messages that were delivered to the service.",
    labelNames: [...groupLabels, "error_type"]
  });
  const operationLabels = [...groupLabels, "error_type", "messaging_operation_name"];
  const recordOperation = createHistogram(registry, settings, {
    name: "messaging_client_operation_duration_seconds",
    help: "Duration of sending to and receiving from the broker.",
    labelNames: operationLabels,
    buckets: durationBuckets
  });
  const recordProcess = createHistogram(registry, settings, {
    name: "messaging_process_duration_seconds",
    help: "Duration of processing messages in the service.",
    labelNames: operationLabels,
    buckets: durationBuckets
  });
  const recordAge = createHistogram(registry, settings, {
    name: "messaging_message_age_seconds",
    help: "Time from the broker's timestamp of a message to the start of its processing.",
    labelNames: groupLabels,
    buckets: ageBuckets
  });
  const recordRebalance = createCounter(registry, settings, {
    name: "messaging_client_rebalances_total",
    help: "Rebalances of the consumer group that a consumer took part in after it had joined.",
    labelNames: ["messaging_system", "messaging_consumer_group_name"]
  });
  const lag = createGauge(registry, settings, {
    name: "messaging_consumer_lag_messages",
    help: "Messages of the partition that the consumer group has still to process, as the client last knew it.",
    labelNames: [...groupLabels, "messaging_destination_partition_id"],
    // During a rebalance two processes may know of one partition.
    aggregator: "max"
  });
  return {
    sent: (labels, count, errorType2, span) => recordSent(toLabels(labels, errorType2), count, exemplarOfSpan(span)),
    consumed: (labels, count, errorType2, span) => recordConsumed(toLabels(labels, errorType2), count, exemplarOfSpan(span)),
    operation: (labels, operationName, durationSeconds, errorType2, span) => recordOperation(toLabels(labels, errorType2, operationName), durationSeconds, exemplarOfSpan(span)),
    processed: (labels, operationName, durationSeconds, errorType2, span) => recordProcess(toLabels(labels, errorType2, operationName), durationSeconds, exemplarOfSpan(span)),
    age: (labels, ageSeconds, span) => recordAge(toLabels(labels), ageSeconds, exemplarOfSpan(span)),
    rebalanced: (labels) => recordRebalance(toLabels(labels), 1, void 0),
    lag: (labels, partition, messages) => lag.set({ ...toLabels(labels), messaging_destination_partition_id: partition }, messages),
    forgetLag: (labels, partition) => lag.remove({ ...toLabels(labels), messaging_destination_partition_id: partition })
  };
}
function toLabels({ system, destination, consumerGroup }, errorType2, operationName) {
  const labels = { messaging_system: system };
  if (destination !== void 0) labels.messaging_destination_name = destination;
  if (consumerGroup !== void 0) labels.messaging_consumer_group_name = consumerGroup;
  if (operationName !== void 0) labels.messaging_operation_name = operationName;
  if (errorType2 !== void 0) labels.error_type = errorType2;
  return labels;
}

// src/metrics/client-registries.ts
import { register as ownDefaultRegistry } from "prom-client";
var isRegistry = isObjectWith("getMetricsAsArray", "registerMetric");
function defaultRegistries() {
  const found = /* @__PURE__ */ new Set([ownDefaultRegistry]);
  for (const name of ["prom-client", "@prometheus-io/client"]) {
    for (const [, { exports }] of loadedFiles(name)) {
      if (typeof exports !== "object" || exports === null || !("register" in exports)) continue;
      if (isRegistry(exports.register)) found.add(exports.register);
    }
  }
  return [...found];
}

// src/metrics/metric-complaints.ts
function metricComplaints(report, self) {
  const said = /* @__PURE__ */ new Set();
  const once = (key3, error) => {
    if (said.has(key3)) return;
    said.add(key3);
    report(error());
  };
  const collecting = {
    collectFailed(metric, cause) {
      self.collectFailed(metric);
      const reason = cause instanceof Error ? cause.message : String(cause);
      once(
        `collect ${metric}`,
        () => new ObservabilityError(
          "OBS_METRICS_COLLECT_FAILED",
          `Metric '${metric}' could not be collected: ${reason}.`,
          { cause }
        )
      );
    },
    conflicting(metric, detail) {
      once(
        `conflict ${metric}`,
        () => new ObservabilityError(
          "OBS_METRIC_CONFLICT",
          `Metric '${metric}' exists twice, ${detail}; only one is served.`
        )
      );
    }
  };
  const leftOut = (metric, reason) => once(
    `left out ${metric}`,
    () => new ObservabilityError(
      "OBS_METRIC_VALUE_REJECTED",
      `A value of metric '${metric}' was left out: ${reason}.`
    )
  );
  return {
    ...collecting,
    overflowed(metric) {
      self.overflowed(metric);
      once(
        `overflow ${metric}`,
        () => new ObservabilityError(
          "OBS_METRIC_OVERFLOW",
          `Metric '${metric}' has reached its limit of series.`
        )
      );
    },
    rejected(metric, reason) {
      self.rejected(metric);
      leftOut(metric, reason);
    },
    /** A value stands in scrapes, but cannot be pushed; the push counts it. */
    unpushable: leftOut
  };
}

// src/metrics/otel-metrics.ts
import {
  DataPointType as DataPointType2,
  InstrumentType as InstrumentType2,
  MetricReader
} from "@opentelemetry/sdk-metrics";
function createOtelMetrics(createProvider, push, contract) {
  let reader;
  let provider;
  const start2 = () => {
    reader = new ScrapeReader();
    return createProvider(push ? [reader, push] : [reader], contractViews(contract));
  };
  if (push) provider = start2();
  return {
    provider: {
      getMeter(name, version2, options) {
        provider ??= start2();
        return provider.getMeter(name, version2, options);
      }
    },
    async collect(timeoutMillis) {
      if (!reader) return { metrics: [], errors: [] };
      const { resourceMetrics, errors } = await reader.collect({ timeoutMillis });
      const collected = resourceMetrics.scopeMetrics.flatMap(
        ({ metrics: metrics2 }) => metrics2.map(toSnapshot).filter((snapshot) => snapshot !== void 0)
      );
      return { metrics: collected, errors };
    },
    async forceFlush() {
      if (push) await provider?.forceFlush();
    },
    async shutdown() {
      await provider?.shutdown();
    }
  };
}
var recordedTypes = [
  InstrumentType2.COUNTER,
  InstrumentType2.UP_DOWN_COUNTER,
  InstrumentType2.GAUGE,
  InstrumentType2.HISTOGRAM
];
function contractViews(contract) {
  if (!contract.hasLabelRules) return [];
  const withoutDropped = {
    process(attributes) {
      let kept;
      for (const name of Object.keys(attributes)) {
        if (contract.takesAttribute(name)) continue;
        kept ??= { ...attributes };
        delete kept[name];
      }
      return kept ?? attributes;
    }
  };
  return recordedTypes.map((instrumentType) => ({ instrumentType, attributesProcessors: [withoutDropped] }));
}
var ScrapeReader = class extends MetricReader {
  async onForceFlush() {
  }
  async onShutdown() {
  }
};
function toSnapshot(metric) {
  const { descriptor } = metric;
  const help = descriptor.description || `Recorded through the OpenTelemetry API as ${descriptor.name}.`;
  switch (metric.dataPointType) {
    case DataPointType2.SUM:
    case DataPointType2.GAUGE: {
      const isCounter = metric.dataPointType === DataPointType2.SUM && metric.isMonotonic;
      const type = isCounter ? "counter" : "gauge";
      return {
        name: prometheusMetricName(descriptor.name, descriptor.unit, type),
        help,
        type,
        isSum: metric.dataPointType === DataPointType2.SUM,
        values: metric.dataPoints.map(({ attributes, value }) => ({
          labels: prometheusLabels(attributes),
          value
        }))
      };
    }
    case DataPointType2.HISTOGRAM: {
      const name = prometheusMetricName(descriptor.name, descriptor.unit, "histogram");
      return {
        name,
        help,
        type: "histogram",
        values: metric.dataPoints.flatMap(
          ({ attributes, value }) => histogramValues(name, prometheusLabels(attributes), value)
        )
      };
    }
    default:
      return void 0;
  }
}
function histogramValues(name, labels, value) {
  let cumulative = 0;
  const values = value.buckets.boundaries.map((bound, index) => {
    cumulative += value.buckets.counts[index] ?? 0;
    return { metricName: `${name}_bucket`, labels: { le: bound }, sharedLabels: labels, value: cumulative };
  });
  values.push({
    metricName: `${name}_bucket`,
    labels: { le: "+Inf" },
    sharedLabels: labels,
    value: value.count
  });
  if (value.sum !== void 0) {
    values.push({ metricName: `${name}_sum`, sharedLabels: labels, value: value.sum });
  }
  values.push({ metricName: `${name}_count`, sharedLabels: labels, value: value.count });
  return values;
}

// src/metrics/push.ts
import { emptyResource } from "@opentelemetry/resources";

// src/metrics/pushed-metrics.ts
import {
  DataPointType as DataPointType3
} from "@opentelemetry/sdk-metrics";
function outgoingMetrics(metrics2, identity, leftOut) {
  return {
    ...metrics2,
    scopeMetrics: metrics2.scopeMetrics.map(({ scope, metrics: ofScope }) => ({
      scope,
      metrics: ofScope.flatMap((metric) => {
        const finite = finiteOnly(metric, leftOut);
        if (finite.dataPoints.length === 0) return [];
        return scope.name === pushScope.name ? finite : withIdentity(finite, identity);
      })
    }))
  };
}
function finiteOnly(metric, leftOut) {
  const isFiniteValue = (value) => {
    if (Number.isFinite(value)) return true;
    leftOut(metric.descriptor.name, value);
    return false;
  };
  switch (metric.dataPointType) {
    case DataPointType3.SUM:
    case DataPointType3.GAUGE:
      return { ...metric, dataPoints: metric.dataPoints.filter(({ value }) => isFiniteValue(value)) };
    case DataPointType3.HISTOGRAM:
      return {
        ...metric,
        dataPoints: metric.dataPoints.map(
          (point) => point.value.sum === void 0 || isFiniteValue(point.value.sum) ? point : withoutSum(point)
        )
      };
    default:
      return metric;
  }
}
function withoutSum(point) {
  const { buckets, count } = point.value;
  return { ...point, value: { buckets, count } };
}
function withIdentity(metric, identity) {
  const described = (point) => {
    const attributes = { ...identity };
    for (const [name, value] of Object.entries(point.attributes)) {
      if (name === "") continue;
      const label = attributeLabel(name, (taken) => Object.hasOwn(identity, taken));
      attributes[/^(exported|key)_/.test(label) ? label : name] = value;
    }
    return { ...point, attributes };
  };
  return {
    ...metric,
    dataPoints: metric.dataPoints.map(described)
  };
}

// src/metrics/push.ts
function startPush({ exporters, push }, isGiven, identityLabels2, collect, self, report, rejected) {
  if (push === false || !(isGiven || exporters.includes("otlp"))) return void 0;
  const toMetricData = createOtlpPoints(identityLabels2, push.temporality !== "cumulative");
  const producer = {
    async collect() {
      const metrics2 = await toMetricData(await collect());
      return {
        resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope: pushScope, metrics: metrics2 }] },
        errors: []
      };
    }
  };
  const observer = self.observerFor("metrics");
  const leftOut = (metric, value) => {
    if (Number.isNaN(value) && emptyWhenReadTwice.test(metric)) return;
    observer.dropped(1);
    rejected(metric, `it is ${value}, which cannot be pushed`);
  };
  return createMetricPush(
    push,
    producer,
    (metrics2) => outgoingMetrics(metrics2, identityLabels2, leftOut),
    observeBoth(observer, exportReporter("metric points", push.endpoint, report))
  );
}
var emptyWhenReadTwice = /^nodejs_eventloop_lag_/;

// src/metrics/runtime-metrics.ts
function keepApart(registry) {
  for (const metric of registry.getMetricsAsArray()) {
    if (metric.aggregator !== "first") metric.aggregator = "each";
  }
}

// src/metrics/sdk-health.ts
import { Counter as Counter2, Gauge, Histogram } from "prom-client";
var clusterFailures = ["member_silent", "leader_silent", "place_unusable", "state_unusable"];
function createSelfMetrics(registry, hasContract) {
  const counters = {
    traces: new Counter2({
      name: "throughline_spans_total",
      help: "Finished spans by what became of them: exported, dropped (queue full) or failed (export failed).",
      labelNames: ["result"],
      registers: [registry]
    }),
    logs: new Counter2({
      name: "throughline_log_records_total",
      help: "Log records sent by OTLP or to files, by what became of them: exported, dropped (queue full) or failed; and lines that flood control suppressed.",
      labelNames: ["result"],
      registers: [registry]
    })
  };
  const pushedPoints = () => new Counter2({
    name: "throughline_metric_points_total",
    help: "Data points of metrics pushed by OTLP, by what became of them: exported, dropped (not a finite number) or failed (export failed).",
    labelNames: ["result"],
    registers: [registry]
  });
  const exportDuration = new Histogram({
    name: "throughline_export_duration_seconds",
    help: "Duration of one export of telemetry, retries included.",
    labelNames: ["signal"],
    buckets: [5e-3, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30],
    registers: [registry]
  });
  const overflow = new Counter2({
    name: "throughline_series_overflow_total",
    help: "Values that went to the overflow series of a metric because it has reached its limit of series.",
    labelNames: ["metric"],
    registers: [registry]
  });
  const rejectedValues = new Counter2({
    name: "throughline_rejected_values_total",
    help: "Values that a metric could not take, such as NaN or a negative step of a counter, and that were left out.",
    labelNames: ["metric"],
    registers: [registry]
  });
  const violations = hasContract ? new Counter2({
    name: "throughline_contract_violations_total",
    help: "Breaches of the contract: distinct ones of identity and metrics, and log lines without a required field.",
    labelNames: ["rule"],
    registers: [registry]
  }) : void 0;
  for (const rule of contractRules) violations?.inc({ rule }, 0);
  const collectFailures = new Counter2({
    name: "throughline_collect_failures_total",
    help: "Times that a metric was left out of an answer because its collect callback threw or did not answer.",
    labelNames: ["metric"],
    registers: [registry]
  });
  new Gauge({
    name: "throughline_info",
    help: "Version of Throughline in this process.",
    labelNames: ["version"],
    aggregator: "max",
    registers: [registry]
  }).set({ version }, 1);
  return {
    suppressed: (lines) => counters.logs.inc({ result: "suppressed" }, lines),
    overflowed: (metric) => overflow.inc({ metric }),
    rejected: (metric) => rejectedValues.inc({ metric }),
    contractViolated: (rule) => violations?.inc({ rule }),
    collectFailed: (metric) => collectFailures.inc({ metric }),
    clusterFailures() {
      const failures = new Counter2({
        name: "throughline_cluster_failures_total",
        help: "Times that the processes and threads of the service could not answer as one, by the reason.",
        labelNames: ["reason"],
        registers: [registry]
      });
      for (const reason of clusterFailures) failures.inc({ reason }, 0);
      return (reason) => failures.inc({ reason });
    },
    observerFor(signal) {
      const counter2 = signal === "metrics" ? pushedPoints() : counters[signal];
      for (const result of ["exported", "dropped", "failed"]) counter2.inc({ result }, 0);
      return {
        exported(count, durationSeconds) {
          counter2.inc({ result: "exported" }, count);
          exportDuration.observe({ signal }, durationSeconds);
        },
        failed(count, durationSeconds) {
          counter2.inc({ result: "failed" }, count);
          exportDuration.observe({ signal }, durationSeconds);
        },
        dropped(count) {
          counter2.inc({ result: "dropped" }, count);
        }
      };
    }
  };
}

// src/metrics/target-info.ts
var targetInfoName = "target_info";
function targetInfo(identity, identityLabels2) {
  const labels = {};
  for (const [attribute, value] of Object.entries(identity.resourceAttributes)) {
    const name = prometheusLabelName(attribute);
    if (!Object.hasOwn(identityLabels2, name)) labels[name] = value;
  }
  return {
    name: targetInfoName,
    help: "Resource attributes of this process.",
    type: "info",
    values: [{ labels, value: 1 }],
    // OpenMetrics wants one of a target; which process is which is in throughline_worker_info.
    aggregator: "first"
  };
}

// src/metrics/metric-pipeline.ts
function startMetrics(options, identity, { contract, breaches }, custom, report, isPushGiven) {
  const { metrics: metricOptions, traces } = options;
  const labels = identityLabels(identity);
  const registry = createRegistry();
  if (metricOptions.runtime) {
    collectDefaultMetrics({ register: registry });
    keepApart(registry);
  }
  const self = createSelfMetrics(registry, contract !== void 0);
  const breachRecord = createBreachRecord(breaches, self.contractViolated, report);
  const contracted = contractMetrics(contract, breachRecord);
  const complaints = metricComplaints(report, self);
  const settings = {
    // An exemplar that leads nowhere is worse than none.
    exemplars: metricOptions.exemplars && traces.exporter !== "none",
    maxSeriesPerMetric: metricOptions.maxSeriesPerMetric,
    overflowed: complaints.overflowed,
    rejected: complaints.rejected,
    contract: contracted
  };
  custom.connect(settings);
  const collect = createCollector(complaints);
  const registries = () => [registry, custom.registry, ...defaultRegistries(), ...metricOptions.registries];
  const collectOwn = async (settings2) => contracted.enforce(await collect(registries(), settings2)).filter(({ name }) => {
    if (name !== targetInfoName) return true;
    complaints.conflicting(name, "as the service's own and as the resource of this process");
    return false;
  });
  const push = startPush(metricOptions, isPushGiven, labels, collectOwn, self, report, complaints.unpushable);
  const otel = createOtelMetrics(
    (readers, views) => createMeterProvider(identity, readers, views),
    push?.reader,
    contracted
  );
  const info = targetInfo(identity, labels);
  const collectAll = async (timeoutMillis) => [
    info,
    ...await collectOwn({ timeoutMillis, further: otel.collect })
  ];
  let collectForAll = collectAll;
  const answerOf = async (metrics2, accept) => {
    const format3 = negotiateFormat(accept);
    return {
      contentType: format3 === "openmetrics" ? openMetricsContentType : textContentType,
      chunks: writeMetrics(await metrics2, labels, format3)
    };
  };
  const answer = (accept, timeoutMillis) => answerOf(collectForAll(timeoutMillis), accept);
  let databases;
  let messaging;
  return {
    registry,
    self,
    /** Where breaches of the contract at run time are counted. */
    breachRecord,
    http: createHttpMetrics(registry, settings),
    // Metrics of what a service does not use would be noise in its answers.
    get databases() {
      databases ??= createDatabaseMetrics(registry, settings);
      return databases;
    },
    get messaging() {
      messaging ??= createMessagingMetrics(registry, settings);
      return messaging;
    },
    otel,
    complaints,
    contracted,
    /** The metrics of this process alone. */
    collect: collectAll,
    /** From now on an answer has what this gives, of several processes. */
    answerWith(collect2) {
      collectForAll = collect2;
    },
    async render(accept) {
      const { contentType, chunks } = await answer(accept).catch(() => answerOf(collectAll(), accept));
      const pace = startPace();
      let body = "";
      for (const chunk of chunks) {
        body += chunk;
        if (pace.isDue()) await pace.giveWay();
      }
      return { contentType, body };
    },
    handler: createMetricsHandler(answer, metricOptions.endpoint ? metricOptions.endpoint.token : void 0),
    /** Pushes once more, where metrics are pushed. */
    forceFlush: () => otel.forceFlush(),
    /** The process is ending: what cannot be pushed now is not tried again. */
    hurryPush: (longestMillis) => push?.hurry(longestMillis),
    isPushed: push !== void 0,
    /** Pushes for the last time. */
    stopPush: () => otel.shutdown(),
    /** From now on nothing is pushed any more, and what is under way has failed. */
    abandonPush: () => push?.abandon(),
    /** Metrics of the service's own no longer belong to this instance. */
    stop() {
      custom.connect(void 0);
    }
  };
}

// src/options/resolve.ts
function resolveOptions(code = {}, environment = {}, configFile = {}) {
  const sources = {};
  const warnings = [];
  const fromConfigFile = forgiving("OBS_CONFIG_FILE_INVALID", warnings);
  const strict = (use) => use();
  assertKnown(optionTable, code, "", strict);
  assertKnown(optionTable, configFile, "", fromConfigFile);
  const options = resolveGroup(optionTable, code, configFile, "");
  return { options, sources, warnings };
  function resolveGroup(table, own, file, prefix) {
    const values = {};
    for (const [name, entry] of Object.entries(table)) {
      const path = prefix + name;
      const ownValue = asMembers(entry, member(own, name));
      const fileValue = asMembers(entry, member(file, name));
      if (entry.kind === "option") {
        values[name] = resolveOption(entry, path, ownValue, fileValue);
      } else if (entry.canBeFalse && (ownValue === false || ownValue === void 0 && fileValue === false)) {
        values[name] = false;
        sources[path] = ownValue === false ? "code" : "config file";
      } else {
        values[name] = resolveGroup(entry.members, ownValue, fileValue, `${path}.`);
      }
    }
    return values;
  }
  function resolveOption(entry, path, own, file) {
    const found = [];
    if (own !== void 0) found.push({ value: check(entry, path, own), source: "code" });
    for (const variable of entry.environment) {
      const text = environment[variable.name];
      if (text === void 0 || text.trim() === "") continue;
      try {
        found.push({ value: variable.parse(text), source: `environment ${variable.name}` });
        break;
      } catch (error) {
        warnings.push(
          new ObservabilityError(
            "OBS_ENVIRONMENT_INVALID",
            `${variable.name}=${entry.secret ? "\u2026" : shown3(text)} is ignored: it ${error.message}.`
          )
        );
      }
    }
    if (file !== void 0) {
      fromConfigFile(() => {
        found.push({ value: check(entry, path, file), source: "config file" });
      });
    }
    const first = found[0];
    sources[path] = first?.source ?? "default";
    if (!first) return entry.fallback;
    if (path === "resourceAttributes") return Object.assign({}, ...found.map((f) => f.value).reverse());
    return first.value;
  }
}
function member(values, name) {
  return typeof values === "object" && values !== null ? Reflect.get(values, name) : void 0;
}
function asMembers(entry, value) {
  if (entry.kind !== "group" || entry.shorthand === void 0) return value;
  return typeof value === "string" || Array.isArray(value) ? { [entry.shorthand]: value } : value;
}
function check(entry, path, value) {
  try {
    return entry.parse(value);
  } catch (error) {
    if (error instanceof ObservabilityError) throw error;
    throw new ObservabilityError(
      "OBS_OPTION_INVALID",
      `Option '${path}' ${error.message}${entry.secret ? "" : `; it got ${shown3(value)}`}.`
    );
  }
}
function assertKnown(table, values, prefix, attempt) {
  attempt(() => {
    if (typeof values !== "object" || values === null || Array.isArray(values)) {
      const place = prefix === "" ? "The options" : `Option '${prefix.slice(0, -1)}'`;
      throw new ObservabilityError(
        "OBS_OPTION_INVALID",
        `${place} must be an object; it got ${shown3(values)}.`
      );
    }
  });
  if (typeof values !== "object" || values === null) return;
  for (const [name, value] of Object.entries(values)) {
    const entry = Object.hasOwn(table, name) ? table[name] : void 0;
    if (!entry) {
      attempt(() => {
        throw new ObservabilityError("OBS_OPTION_UNKNOWN", unknownOption(table, prefix, name));
      });
    } else if (entry.kind === "group" && value !== void 0 && !(entry.canBeFalse && value === false)) {
      assertKnown(entry.members, asMembers(entry, value), `${prefix}${name}.`, attempt);
    }
  }
}
function unknownOption(table, prefix, name) {
  const known = Object.keys(table);
  const nearest = nearestName(name, known);
  const hint = nearest === void 0 ? `known here: ${known.map((key3) => prefix + key3).join(", ")}.` : `did you mean '${prefix}${nearest}'?`;
  return `Option '${prefix}${name}' does not exist; ${hint}`;
}
function shown3(value) {
  if (typeof value === "string") return `'${value.length > 40 ? `${value.slice(0, 40)}\u2026` : value}'`;
  if (typeof value === "function") return `a function (${value.name || "anonymous"})`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "object" && value !== null) return `an object (${Object.keys(value).join(", ")})`;
  return String(value);
}
function forgiving(code, warnings) {
  return (use) => {
    try {
      use();
    } catch (error) {
      warnings.push(new ObservabilityError(code, `throughline.config: ${error.message}`));
    }
  };
}

// src/patching/module-load.ts
function watchModuleLoads() {
  const listeners = /* @__PURE__ */ new Map();
  const told = /* @__PURE__ */ new WeakSet();
  let restores;
  const tell = (module, file) => {
    if (listeners.size === 0 || told.has(module)) return;
    const name = packageNameOfFile(file);
    const interested = name === void 0 ? void 0 : listeners.get(name);
    if (!interested) return;
    told.add(module);
    for (const listener of interested) listener(module, file);
  };
  function install() {
    const { _extensions: extensions, prototype } = commonJs;
    restores ??= [
      replace(extensions, ".js", (evaluate) => {
        return function evaluateAndTell(module, file) {
          Reflect.apply(evaluate, this, [module, file]);
          tell(module, file);
        };
      }),
      replace(prototype, "load", (load) => {
        return function loadAndTell(file) {
          Reflect.apply(load, this, [file]);
          tell(this, file);
        };
      })
    ];
  }
  return {
    watch(packageName, afterLoad) {
      const ofPackage = listeners.get(packageName) ?? /* @__PURE__ */ new Set();
      listeners.set(packageName, ofPackage.add(afterLoad));
      install();
      return () => ofPackage.delete(afterLoad);
    },
    stop() {
      listeners.clear();
      for (const restore of restores ?? []) restore();
      restores = void 0;
    }
  };
}
function replace(owner, name, wrap) {
  const original = owner[name];
  const replacement = wrap(original);
  owner[name] = replacement;
  return () => {
    if (owner[name] === replacement) owner[name] = original;
  };
}

// src/patching/patch-record.ts
function createPatchRecord() {
  const owners = /* @__PURE__ */ new Map();
  const listeners = /* @__PURE__ */ new Set();
  return {
    by(owner) {
      const entries = /* @__PURE__ */ new Map();
      owners.set(owner, entries);
      listeners.delete(owner);
      const entryOf = (name) => {
        let entry = entries.get(name);
        if (!entry) {
          entry = { owner, name, supportedVersions: /* @__PURE__ */ new Set(), folders: /* @__PURE__ */ new Set(), given: false };
          entries.set(name, entry);
        }
        return entry;
      };
      return {
        asked(name, supportedVersions) {
          const entry = entryOf(name);
          for (const range of supportedVersions) entry.supportedVersions.add(range);
        },
        patched(name, copy) {
          const entry = entryOf(name);
          if (copy) entry.folders.add(copy.folder);
          else entry.given = true;
        },
        listens: () => listeners.add(owner)
      };
    },
    listeners: () => listeners,
    packages: () => [...owners.values()].flatMap((entries) => [...entries.values()])
  };
}

// src/traces/globals.ts
import {
  context as context8,
  diag as diag2,
  metrics,
  propagation as propagation3,
  trace as trace14
} from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
function registerGlobals(provider, meterProvider, propagator) {
  const own = new ThrowNotingContextManager().enable();
  diag2.disable();
  const ownsContext = context8.setGlobalContextManager(own);
  const ownsTracer = trace14.setGlobalTracerProvider(provider);
  const ownsPropagation = propagation3.setGlobalPropagator(propagator);
  const ownsMetrics = metrics.setGlobalMeterProvider(meterProvider);
  return {
    contextManager: ownsContext ? own : foreignContextManager(),
    foreignSdk: !ownsContext || !ownsTracer || !ownsPropagation || !ownsMetrics,
    release() {
      if (ownsTracer) trace14.disable();
      if (ownsMetrics) metrics.disable();
      if (ownsPropagation) propagation3.disable();
      if (ownsContext) context8.disable();
    }
  };
}
var ThrowNotingContextManager = class extends AsyncLocalStorageContextManager {
  with(ctx, fn, thisArg, ...args) {
    let returned = false;
    try {
      const result = super.with(ctx, fn, thisArg, ...args);
      returned = true;
      return result;
    } finally {
      if (!returned) noteThrow(ctx);
    }
  }
};
function foreignContextManager() {
  return {
    active: () => context8.active(),
    with: (ctx, fn, thisArg, ...args) => context8.with(ctx, fn, thisArg, ...args),
    bind: (ctx, target) => context8.bind(ctx, target),
    enable() {
      return this;
    },
    disable() {
      return this;
    }
  };
}

// src/traces/propagation.ts
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { B3InjectEncoding, B3Propagator } from "@opentelemetry/propagator-b3";
import { JaegerPropagator } from "@opentelemetry/propagator-jaeger";
var byName = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
  jaeger: () => new JaegerPropagator()
};
function createPropagator(names) {
  if (names.includes("none")) return new CompositePropagator({ propagators: [] });
  const propagators = [...new Set(names)].map(
    (name) => typeof name === "string" ? byName[name]() : name
  );
  return propagators.length === 1 && propagators[0] ? propagators[0] : new CompositePropagator({ propagators });
}

// src/init.ts
function startObservability(code, serviceLogger2, custom, surroundings) {
  const environment = surroundings.environment ?? readEnvironment();
  const { options, sources, warnings } = resolveOptions(code, environment, surroundings.configFile);
  const { logger: logger2 } = serviceLogger2;
  const problems = createProblemRecord();
  const report = (error) => {
    problems.add(error);
    logger2.warn(error.message, {
      code: error.code,
      fix: error.fix,
      ...error.cause instanceof Error ? { error: error.cause } : {},
      [ownLine]: true
    });
  };
  if (!options.enabled) return inertObservability(logger2, custom, "off");
  const servicePackage = surroundings.servicePackage ?? readServicePackage(process.argv[1]);
  const identity = resolveIdentity(options, environment, servicePackage);
  const labels = identityLabels(identity);
  const contract = checkContractAtStart(options, labels, custom.registry);
  configureLogger(serviceLogger2, options.logs, { environment, labels, writeLine: surroundings.writeLine });
  const isPushGiven = typeof (code.metrics?.push ?? surroundings.configFile?.metrics?.push) === "object";
  const metrics2 = startMetrics(options, identity, contract, custom, report, isPushGiven);
  const unwatch = watchRequiredFields(serviceLogger2, options.contract, metrics2.breachRecord);
  const health = createHealth();
  const logs = exportLogs(
    serviceLogger2,
    options.logs,
    identity,
    labels,
    metrics2.self.observerFor("logs"),
    report
  );
  const flood = limitLogs(serviceLogger2, options.logs, metrics2.self.suppressed);
  for (const problem of [
    ...surroundings.problems ?? [],
    ...warnings,
    ...checkProtocol(environment),
    ...contract.problems
  ]) {
    report(problem);
  }
  const legacy = createLegacyBridge(options.legacyTraceHeader, metrics2.registry, logger2);
  const sampler = createSampler(options.traces.sampler, options.traces.samplingRatio);
  const traces = createTracerPipeline(
    options.traces,
    identity,
    sampler,
    observeBoth(metrics2.self.observerFor("traces"), exportReporter("spans", options.traces.endpoint, report)),
    { roots: legacy?.roots, failed: flood?.traceFailed, work: () => correlated2.onWork() }
  );
  const configured = createPropagator(options.traces.propagators);
  const bridged = legacy?.wrap(configured) ?? configured;
  const carrying = outgoingHeaders(options.http.propagateTo);
  const propagator = carrying?.wrap(bridged) ?? bridged;
  const globals = registerGlobals(traces.provider, metrics2.otel.provider, propagator);
  const watch = watchModuleLoads();
  watchForConflicts(watch, report);
  if (globals.foreignSdk) report(new ObservabilityError("OBS_SDK_ALREADY_REGISTERED"));
  routeSdkDiagnostics(logger2, environment);
  const tracer = traces.provider.getTracer("@throughline/core", version);
  const patches2 = createPatchRecord();
  const instrument = (instrumentation, modules, meterProvider = metrics2.otel.provider, record = patches2.by(instrumentation.instrumentationName)) => applyInstrumentation(
    instrumentation,
    modules,
    { tracerProvider: traces.provider, meterProvider },
    watch,
    report,
    record
  );
  const undos = [
    observeHttp({
      options: options.http,
      tracer,
      contextManager: globals.contextManager,
      propagator,
      metrics: metrics2.http,
      legacy,
      carrying,
      accessLog: options.logs.access ? accessLog(logger2) : void 0,
      instrument
    }),
    ...options.instrumentations.map((instrumentation) => instrument(instrumentation))
  ];
  const loggerPatches = patches2.by("logs");
  const correlated2 = correlateModules(
    options.logs.correlate,
    (patch) => patchModules([definitionOf(patch)], void 0, watch, report, loggerPatches)
  );
  undos.push(correlated2.stop);
  const tracerOf = (plugin) => traces.provider.getTracer(`@throughline/${plugin}`, version);
  const plugins = setUpPlugins(options.plugins, report, (name, onTearDown) => {
    const record = patches2.by(name);
    return {
      tracer: tracerOf(name),
      identity,
      options,
      logger: logger2.child({ plugin: name }),
      metrics: { registry: metrics2.registry },
      get databases() {
        return createDatabaseOperations(tracerOf(name), metrics2.databases);
      },
      get messaging() {
        return createMessagingOperations(tracerOf(name), metrics2.messaging, propagator);
      },
      http: httpRequests,
      instrument: (instrumentation, modules) => onTearDown(instrument(instrumentation, modules, void 0, record)),
      patchModule: (patch, modules) => onTearDown(patchModules([definitionOf(patch)], modules, watch, report, record))
    };
  });
  undos.push(
    plugins.tearDown,
    () => watch.stop(),
    () => legacy?.stop()
  );
  const diagnose = diagnoseOnRequest({
    resolved: {
      options,
      sources: surroundings.arePluginsFound ? { ...sources, plugins: "installed packages" } : sources
    },
    environment,
    identity,
    servicePackage,
    breaches: metrics2.breachRecord.all,
    isPushed: metrics2.isPushed,
    registry: metrics2.registry,
    patches: patches2,
    plugins,
    problems,
    logger: logger2,
    endpoint: () => endpoint.ready
  });
  const logLevel = adjustableLevel(serviceLogger2, options.logs);
  const live = createLiveSettings({ options, logger: logger2, logLevel, sampler, plugins, diagnose });
  const endpoint = serveMetrics({ options, identity, metrics: metrics2, health, live, report });
  const flush = async (o = {}) => {
    await within(o.timeoutMillis ?? options.shutdown.timeoutMillis, [
      traces.forceFlush(),
      logs.forceFlush(),
      metrics2.forceFlush(),
      endpoint.handOver()
    ]);
  };
  const hurry = (longestMillis) => {
    traces.hurry(longestMillis);
    logs.hurry(longestMillis);
    metrics2.hurryPush(longestMillis);
  };
  const flushAtEnd = () => {
    health.stopping();
    hurry(options.shutdown.timeoutMillis);
    return flush();
  };
  undos.push(flushBeforeExit(flushAtEnd));
  if (options.shutdown.handleSignals) undos.push(flushOnSignals(flushAtEnd));
  if (options.logs.crashes) {
    undos.push(logCrashes(logger2, { traces, logs, timeoutMillis: options.shutdown.timeoutMillis }));
  }
  let shutdownPromise;
  const observability = {
    ready: ready(),
    identity,
    logger: logger2,
    tracer,
    metrics: {
      registry: metrics2.registry,
      render: metrics2.render,
      counter: (o) => custom.counter(o),
      gauge: (o) => custom.gauge(o),
      histogram: (o) => custom.histogram(o)
    },
    metricsHandler: metrics2.handler,
    controlHandler: live.handler,
    health,
    plugins: plugins.names,
    setLogLevel: live.setLogLevel,
    setSamplingRatio: live.setSamplingRatio,
    setPluginEnabled: live.setPluginEnabled,
    diagnose,
    flush,
    shutdown(o = {}) {
      shutdownPromise ??= shutdown(o.timeoutMillis ?? options.shutdown.timeoutMillis);
      return shutdownPromise;
    }
  };
  return observability;
  async function ready() {
    const port = (await endpoint.ready)?.port;
    logger2.info("Throughline is on.", {
      "throughline.version": version,
      plugins: plugins.names,
      traces: describeTraces(options),
      ...port === void 0 ? {} : { metrics_port: port },
      [ownLine]: true
    });
  }
  async function shutdown(timeoutMillis) {
    const endMillis = performance.now() + timeoutMillis;
    health.stopping();
    for (const undo of undos.splice(0).reverse()) undo();
    live.stop();
    hurry(timeoutMillis);
    flood?.stop();
    unwatch();
    logs.remove();
    await within(metrics2.isPushed ? timeoutMillis / 2 : timeoutMillis, [traces.shutdown(), logs.shutdown()]);
    traces.abandon();
    logs.abandon();
    await within(endMillis - performance.now(), [metrics2.stopPush()]);
    metrics2.abandonPush();
    await within(timeoutMillis, [endpoint.close()]);
    metrics2.stop();
    globals.release();
  }
}

// src/metrics/custom-metrics.ts
import { context as context9, trace as trace15 } from "@opentelemetry/api";

// src/instruments/metric-declaration.ts
var takenLabels = /* @__PURE__ */ new Set(["le", "quantile", overflowLabel]);
function checkDeclaration(options) {
  if (typeof options !== "object" || options === null) {
    throw invalidMetric(
      "A metric is declared with an object: a name, a help text, and the names of its labels."
    );
  }
  const { name, help, labelNames = [] } = options;
  if (typeof name !== "string" || !/^[a-zA-Z_:][a-zA-Z0-9_:]*$/.test(name)) {
    throw invalidMetric(`'${String(name)}' is no name for a Prometheus metric.`);
  }
  if (typeof help !== "string" || help.trim() === "") {
    throw invalidMetric(`Metric '${name}' needs a help text.`);
  }
  if (!Array.isArray(labelNames)) throw invalidMetric(`labelNames of metric '${name}' must be a list.`);
  for (const [index, label] of labelNames.entries()) {
    if (typeof label !== "string" || !/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(label) || label.startsWith("__") || takenLabels.has(label)) {
      throw invalidMetric(`'${String(label)}' is no name for a label of metric '${name}'.`);
    }
    if (labelNames.indexOf(label) !== index) {
      throw invalidMetric(`Metric '${name}' names the label '${label}' twice.`);
    }
  }
}
function checkBuckets(metric, buckets) {
  const ascend = Array.isArray(buckets) && buckets.every((bound, index) => Number.isFinite(bound) && bound > (buckets[index - 1] ?? -Infinity));
  if (!ascend) {
    throw invalidMetric(`The buckets of histogram '${metric}' must be a list of finite numbers that ascend.`);
  }
}
function invalidMetric(detail) {
  return new ObservabilityError("OBS_METRIC_INVALID", detail);
}

// src/metrics/custom-metrics.ts
var settingsBeforeInit = {
  maxSeriesPerMetric: 2e3,
  exemplars: true,
  overflowed() {
  },
  rejected() {
  },
  contract: { drops: () => false, declared() {
  } }
};
var CustomMetrics = class {
  constructor(registry) {
    this.registry = registry;
    const current = () => this.settings;
    this.limits = {
      get maxSeriesPerMetric() {
        return current().maxSeriesPerMetric;
      },
      overflowed: (metric) => current().overflowed(metric)
    };
  }
  registry;
  declared = /* @__PURE__ */ new Map();
  settings = settingsBeforeInit;
  /** The limit is an option, and options come with the instance, after the first metrics. */
  limits;
  /** An instance starts; `undefined`: it is over. */
  connect(settings) {
    this.settings = settings ?? settingsBeforeInit;
    for (const declared of this.declared.values()) declared.keptLabels = this.keptLabels(declared.labelNames);
  }
  counter(options) {
    return this.declare("counter", options, (labelNames, labelsOf) => {
      if (!options.name.endsWith("_total")) {
        throw invalidMetric(`Counter '${options.name}' must have a name that ends in _total.`);
      }
      const counter2 = new SeriesCounter({ ...options, labelNames }, this.limits);
      registerMetric(this.registry, counter2);
      const add = (value, labels) => {
        if (!Number.isFinite(value) || value < 0) {
          this.settings.rejected(options.name, `a counter takes no ${shown4(value)}`);
          return;
        }
        counter2.add(labelsOf(labels), value, this.exemplar());
      };
      return {
        increment: (...[labels]) => add(1, labels),
        add: (value, ...[labels]) => add(value, labels)
      };
    });
  }
  gauge(options) {
    return this.declare("gauge", options, (labelNames, labelsOf) => {
      const { observe, aggregator } = options;
      if (aggregator !== void 0 && !aggregators.includes(aggregator)) {
        throw invalidMetric(
          `Gauge '${options.name}' has an unknown aggregator '${String(aggregator)}'; it takes ${quoted(aggregators)}.`
        );
      }
      if (observe !== void 0 && typeof observe !== "function") {
        throw invalidMetric(`observe of gauge '${options.name}' must be a function.`);
      }
      const finite = (value) => {
        if (Number.isFinite(value)) return true;
        this.settings.rejected(options.name, `a gauge takes no ${shown4(value)}`);
        return false;
      };
      const set2 = (value, labels) => {
        if (finite(value)) gauge2.set(labelsOf(labels), value);
      };
      const collect = async () => {
        const observed2 = await observe?.();
        if (typeof observed2 !== "number" && !Array.isArray(observed2)) {
          throw new TypeError("observe() must give a number, or a list of values with their labels");
        }
        gauge2.reset();
        if (typeof observed2 === "number") set2(observed2);
        else for (const { labels, value } of observed2) set2(value, labels);
      };
      const gauge2 = new SeriesGauge(
        { ...options, labelNames, collect: observe ? collect : void 0 },
        this.limits
      );
      registerMetric(this.registry, gauge2);
      return {
        set: (value, ...[labels]) => set2(value, labels),
        add: (value, ...[labels]) => {
          if (finite(value)) gauge2.add(labelsOf(labels), value);
        }
      };
    });
  }
  histogram(options) {
    return this.declare("histogram", options, (labelNames, labelsOf) => {
      const { buckets = durationBuckets } = options;
      checkBuckets(options.name, buckets);
      const histogram2 = new SeriesHistogram({ ...options, labelNames, buckets }, this.limits);
      registerMetric(this.registry, histogram2);
      const observe = (value, labels) => {
        if (!Number.isFinite(value)) {
          this.settings.rejected(options.name, `a histogram takes no ${shown4(value)}`);
          return;
        }
        histogram2.observe(labelsOf(labels), value, this.exemplar());
      };
      return {
        observe: (value, ...[labels]) => observe(value, labels),
        startTimer: () => {
          const startMillis = performance.now();
          return (...[labels]) => {
            const seconds = (performance.now() - startMillis) / 1e3;
            observe(seconds, labels);
            return seconds;
          };
        }
      };
    });
  }
  /** The same metric again is the same object, for modules that are evaluated twice; another one of its name is an error. */
  declare(kind, options, create) {
    checkDeclaration(options);
    const { name, labelNames = [] } = options;
    const existing = this.declared.get(name);
    if (existing) {
      if (existing.kind === kind && String(existing.labelNames) === String(labelNames))
        return existing.metric;
      throw new ObservabilityError(
        "OBS_METRIC_CONFLICT",
        `Metric '${name}' exists already as a ${existing.kind} with the labels [${existing.labelNames.join(", ")}]; it was declared again as a ${kind} with [${labelNames.join(", ")}].`
      );
    }
    const declared = { kind, labelNames, keptLabels: this.keptLabels(labelNames) };
    const metric = create(labelNames, (labels) => declaredLabels(declared.keptLabels, labels));
    this.declared.set(name, Object.assign(declared, { metric }));
    this.settings.contract.declared({ name, type: kind, labelNames });
    return metric;
  }
  keptLabels(labelNames) {
    return labelNames.filter((label) => !this.settings.contract.drops(label));
  }
  exemplar() {
    return this.settings.exemplars ? exemplarOfSpan(trace15.getSpan(context9.active())) : void 0;
  }
};
function declaredLabels(names, given) {
  const labels = {};
  for (const name of names) {
    const value = given?.[name];
    if (value !== void 0) labels[name] = typeof value === "string" ? value : textOf3(value);
  }
  return labels;
}
function textOf3(value) {
  try {
    return String(value);
  } catch {
    return `[${typeof value}]`;
  }
}
function shown4(value) {
  return typeof value === "number" || value === void 0 ? String(value) : `${typeof value} ${textOf3(value)}`;
}

// src/instance/process-wide.ts
function serviceLogger() {
  const state = processState();
  state.serviceLogger ??= createServiceLogger();
  return state.serviceLogger;
}
function customMetrics() {
  const state = processState();
  state.customMetrics ??= new CustomMetrics(createRegistry());
  return state.customMetrics;
}

// src/logs/correlate.ts
function correlateLogger(logger2) {
  const owner = typeof logger2 === "function" && isObject(logger2.prototype) ? classOrFunction(logger2) : logger2;
  if (isObject(owner)) {
    if (isPino(owner)) {
      correlatePino(owner);
      return logger2;
    }
    if (typeof Reflect.get(owner, "_emit") === "function") {
      correlateBunyanLogger(owner);
      return logger2;
    }
    if (isNestLogger(owner)) {
      correlateNest(owner);
      return logger2;
    }
    if (typeof Reflect.get(owner, "write") === "function" && typeof Reflect.get(owner, "log") === "function" && typeof Reflect.get(owner, "child") === "function") {
      correlateWinston(owner);
      return logger2;
    }
  }
  throw new ObservabilityError("OBS_LOGGER_UNKNOWN");
}
function classOrFunction(candidate) {
  const { prototype } = candidate;
  return isObject(prototype) && (isNestLogger(prototype) || "_emit" in prototype || "write" in prototype) ? prototype : candidate;
}
function isObject(value) {
  return typeof value === "object" && value !== null || typeof value === "function";
}

// src/options/same-options.ts
import { isDeepStrictEqual } from "util";
function sameOptions(a, b) {
  return isDeepStrictEqual(comparable(a), comparable(b));
}
function comparable(value) {
  if (typeof value === "function") return `function ${value.name}`;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return value.map(comparable);
  const { name } = value;
  if ("setup" in value) return `plugin ${String(name)}`;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) return `instance of ${value.constructor?.name}`;
  return Object.fromEntries(
    Object.entries(value).filter(([, entry]) => entry !== void 0).map(([key3, entry]) => [key3, comparable(entry)])
  );
}

// src/traces/with-span.ts
import {
  context as context10,
  SpanKind as SpanKind6,
  SpanStatusCode as SpanStatusCode7,
  trace as trace16
} from "@opentelemetry/api";
function runWithSpan(tracer, name, fn, options = {}) {
  if (typeof name !== "string" || name === "" || typeof fn !== "function") {
    throw new ObservabilityError("OBS_WITH_SPAN_INVALID");
  }
  const parent = options.root ? trace16.deleteSpan(context10.active()) : context10.active();
  const span = tracer.startSpan(
    name,
    {
      kind: options.kind ?? SpanKind6.INTERNAL,
      ...options.attributes ? { attributes: options.attributes } : {},
      ...options.links ? { links: options.links } : {}
    },
    parent
  );
  const inside = trace16.setSpan(parent, span);
  let result;
  try {
    result = context10.with(inside, fn, void 0, span);
  } catch (error) {
    noteError(error, inside);
    endWithError(span, error);
    throw error;
  }
  if (!isThenable(result)) {
    span.end();
    return result;
  }
  return result.then(
    (value) => {
      span.end();
      return value;
    },
    (error) => {
      noteError(error, inside);
      endWithError(span, error);
      throw error;
    }
  );
}
function isThenable(value) {
  return (typeof value === "object" || typeof value === "function") && value !== null && typeof Reflect.get(value, "then") === "function";
}
function endWithError(span, error) {
  const isObject2 = typeof error === "object" && error !== null;
  span.recordException(isObject2 ? error : String(error));
  span.setAttribute("error.type", errorType(error));
  span.setStatus({
    code: SpanStatusCode7.ERROR,
    ...error instanceof Error && error.message !== "" ? { message: error.message } : {}
  });
  span.end();
}

// src/traces/traced.ts
function tracedDecorator(tracer, name, options) {
  const wrap = (method, key3) => {
    if (typeof method !== "function") {
      throw new ObservabilityError(
        "OBS_TRACED_INVALID",
        `@traced() stands on '${String(key3)}', which is no method.`
      );
    }
    const original = method;
    return function tracedMethod(...args) {
      return runWithSpan(
        tracer(),
        name ?? spanNameOf(this, key3),
        () => Reflect.apply(original, this, args),
        options
      );
    };
  };
  return ((target, contextOrKey, descriptor) => {
    if (typeof contextOrKey === "object") return wrap(target, contextOrKey.name);
    if (descriptor) descriptor.value = wrap(descriptor.value, contextOrKey);
    else wrap(void 0, contextOrKey);
    return void 0;
  });
}
function spanNameOf(self, key3) {
  const owner = typeof self === "function" ? self : self?.constructor;
  const className = typeof owner === "function" && owner !== Object ? owner.name : "";
  const method = typeof key3 === "symbol" ? key3.description ?? "symbol" : key3;
  return className === "" ? method : `${className}.${method}`;
}

// src/entry.ts
function initObservability(options = {}) {
  return initIn({}, options);
}
function initIn(surroundings, options) {
  const state = processState();
  if (state.current) {
    if (!sameOptions(state.current.options, options)) {
      const error = new ObservabilityError("OBS_ALREADY_INITIALIZED");
      logger.warn(error.message, { code: error.code, fix: error.fix });
    }
    return state.current.observability;
  }
  let started;
  try {
    started = startObservability(options, serviceLogger(), customMetrics(), surroundings);
  } catch (error) {
    state.probe?.failed(error);
    throw error;
  }
  const observability = {
    ...started,
    async shutdown(o) {
      await started.shutdown(o);
      if (state.current?.observability === observability) state.current = void 0;
    }
  };
  state.current = { observability, options };
  state.probe?.started(observability);
  return observability;
}
function getObservability() {
  return processState().current?.observability ?? inertObservability(logger, customMetrics());
}
var logger = serviceLogger().logger;
function correlate(existingLogger) {
  return correlateLogger(existingLogger);
}
function withSpan(name, fn, options) {
  return runWithSpan(getObservability().tracer, name, fn, options);
}
function traced(name, options) {
  return tracedDecorator(() => getObservability().tracer, name, options);
}
function counter(options) {
  return customMetrics().counter(options);
}
function gauge(options) {
  return customMetrics().gauge(options);
}
function histogram(options) {
  return customMetrics().histogram(options);
}

export {
  readEnvironment,
  checkProtocol,
  resolveOptions,
  initObservability,
  initIn,
  getObservability,
  logger,
  correlate,
  withSpan,
  traced,
  counter,
  gauge,
  histogram
};
//# sourceMappingURL=chunk-AQDGJSJE.js.map