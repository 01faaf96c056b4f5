import {
  commandInvalid,
  exitCodes,
  parseOptions
} from "./chunk-UC54PIWG.js";
import "./chunk-M47XFLI6.js";
import "./chunk-DGUM43GV.js";

// src/cli/scan.ts
import { readdirSync as readdirSync2, readFileSync as readFileSync2, statSync as statSync2, writeFileSync } from "fs";
import { resolve } from "path";

// src/scan/fix/plan.ts
import { createTwoFilesPatch } from "diff";

// src/scan/code/parse.ts
import { parse } from "@babel/parser";
var common = ["decorators-legacy", "explicitResourceManagement", "sourcePhaseImports"];
function parseCode(path, text) {
  const extension = path.slice(path.lastIndexOf(".") + 1);
  const dialects = extension === "ts" || extension === "mts" || extension === "cts" ? [["typescript"]] : extension === "tsx" ? [["typescript", "jsx"]] : [["jsx"], ["jsx", ["flow", { all: true }]], ["jsx", "typescript"]];
  let first;
  for (const dialect of dialects) {
    try {
      return parse(text, {
        sourceType: "unambiguous",
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowImportExportEverywhere: true,
        allowSuperOutsideMethod: true,
        allowUndeclaredExports: true,
        attachComment: false,
        plugins: [...dialect, ...common]
      });
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}

// src/scan/code/syntax.ts
var notChildren = /* @__PURE__ */ new Set([
  "type",
  "loc",
  "start",
  "end",
  "range",
  "extra",
  "leadingComments",
  "innerComments",
  "trailingComments"
]);
function eachChild(node, visit) {
  for (const key in node) {
    if (notChildren.has(key)) continue;
    const value = node[key];
    if (Array.isArray(value)) {
      for (const item of value) if (isNode(item)) visit(item, key);
    } else if (isNode(value)) {
      visit(value, key);
    }
  }
}
function walk(node, visit) {
  if (visit(node) === false) return;
  eachChild(node, (child) => walk(child, visit));
}
function contains(node, test) {
  let found = false;
  walk(node, (inner) => {
    found ||= test(inner);
    return !found;
  });
  return found;
}
function isNode(value) {
  return typeof value === "object" && value !== null && typeof value.type === "string";
}
function isFunction(node) {
  switch (node?.type) {
    case "FunctionDeclaration":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "ObjectMethod":
    case "ClassMethod":
    case "ClassPrivateMethod":
      return true;
    default:
      return false;
  }
}
function isCall(node) {
  return node?.type === "CallExpression" || node?.type === "OptionalCallExpression" || node?.type === "NewExpression";
}
function isMember(node) {
  return node?.type === "MemberExpression" || node?.type === "OptionalMemberExpression";
}
function bare(node) {
  switch (node.type) {
    case "TSAsExpression":
    case "TSSatisfiesExpression":
    case "TSNonNullExpression":
    case "TSTypeAssertion":
    case "ParenthesizedExpression":
    case "TSInstantiationExpression":
    case "TypeCastExpression":
      return bare(node.expression);
    case "AwaitExpression":
      return bare(node.argument);
    case "SequenceExpression": {
      const last = node.expressions.at(-1);
      return last ? bare(last) : node;
    }
    default:
      return node;
  }
}
function keyName(node) {
  const key = node.key ?? node.property;
  if (!key) return void 0;
  const text = literalText(key);
  if (text !== void 0) return text;
  if (node.computed) return void 0;
  if (key.type === "Identifier") return key.name;
  return key.type === "PrivateName" ? key.id.name : void 0;
}
function lastName(node) {
  const expression = bare(node);
  if (expression.type === "Identifier") return expression.name;
  if (expression.type === "ThisExpression") return "this";
  if (isMember(expression)) return keyName(expression);
  if (isCall(expression)) return lastName(expression.callee);
  return void 0;
}
function methodCall(call) {
  const callee = bare(call.callee);
  if (!isMember(callee)) return void 0;
  const method = keyName(callee);
  return method === void 0 ? void 0 : { object: bare(callee.object), method };
}
function returned(fn) {
  if (fn.body.type !== "BlockStatement") return [fn.body];
  const found = [];
  walk(fn.body, (node) => {
    if (isFunction(node)) return false;
    if (node.type === "ReturnStatement" && node.argument) found.push(node.argument);
    return true;
  });
  return found;
}
function literalText(node) {
  if (node?.type === "StringLiteral") return node.value;
  if (node?.type !== "TemplateLiteral" || node.expressions.length > 0) return void 0;
  return node.quasis[0]?.value.cooked ?? void 0;
}

// src/scan/code/origins.ts
var maxSteps = 120;
var known = /* @__PURE__ */ new WeakMap();
function originsOf(codeBase, file, node) {
  const before = known.get(node);
  if (before) return before;
  const found = [];
  const seen = /* @__PURE__ */ new Set();
  const seenPaths = /* @__PURE__ */ new Map();
  let steps = 0;
  const follow = (at, inFile, path) => {
    const expression = bare(at);
    if (++steps > maxSteps) return;
    const paths = seenPaths.get(expression);
    const way = path.join(".");
    if (paths?.has(way)) return;
    if (paths) paths.add(way);
    else seenPaths.set(expression, /* @__PURE__ */ new Set([way]));
    const [first, ...rest] = path;
    switch (expression.type) {
      case "Identifier":
      case "JSXIdentifier": {
        const binding = inFile.scopes.bindingOf(expression);
        for (const definition of binding?.definitions ?? []) followDefinition(definition, inFile, path);
        if (!binding) found.push({ module: "global", path: [expression.name, ...path] });
        return;
      }
      case "LogicalExpression":
        follow(expression.left, inFile, path);
        follow(expression.right, inFile, path);
        return;
      case "ConditionalExpression":
        follow(expression.consequent, inFile, path);
        follow(expression.alternate, inFile, path);
        return;
      case "AssignmentExpression":
        follow(expression.right, inFile, path);
        return;
      case "AssignmentPattern":
        follow(expression.right, inFile, path);
        return;
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
      case "ExportSpecifier": {
        const parent = inFile.scopes.parentOf(expression);
        if (!parent || !("source" in parent) || !parent.source) return;
        const source = parent.source.value;
        const name = expression.type === "ImportNamespaceSpecifier" ? [] : expression.type === "ImportDefaultSpecifier" ? ["default"] : [nameOf(expression.type === "ImportSpecifier" ? expression.imported : expression.local)];
        fromModule(source, inFile, [...name, ...path]);
        return;
      }
      case "MemberExpression":
      case "OptionalMemberExpression": {
        const name = keyName(expression);
        if (name === void 0) {
          found.push({ node: expression, file: inFile });
          return;
        }
        if (bare(expression.object).type === "ThisExpression") {
          followThis(expression, name, inFile, path);
          return;
        }
        const before2 = found.length;
        follow(expression.object, inFile, [name, ...path]);
        if (found.length === before2) found.push({ node: expression, file: inFile });
        return;
      }
      case "ObjectExpression": {
        if (first === void 0) break;
        for (const property of expression.properties) {
          if (property.type === "SpreadElement") follow(property.argument, inFile, path);
          else if (keyName(property) === first) {
            follow(property.type === "ObjectMethod" ? property : property.value, inFile, rest);
          }
        }
        return;
      }
      case "TSEnumDeclaration": {
        if (first === void 0) break;
        for (const member of expression.members ?? []) {
          if (nameOf(member.id) === first && member.initializer) follow(member.initializer, inFile, rest);
        }
        return;
      }
      case "ClassDeclaration":
      case "ClassExpression": {
        if (first === void 0) break;
        for (const member of expression.body.body) {
          if (!("key" in member) || keyName(member) !== first) continue;
          if ("value" in member && member.value) follow(member.value, inFile, rest);
          else if (isFunction(member)) follow(member, inFile, rest);
        }
        return;
      }
      case "CallExpression":
      case "OptionalCallExpression":
      case "NewExpression":
        followCall(expression, inFile, path);
        return;
    }
    if (path.length === 0) found.push({ node: expression, file: inFile });
  };
  const followDefinition = (definition, inFile, path) => {
    if (definition.fallback) {
      follow(definition.fallback, inFile, path);
    }
    if (definition.value) follow(definition.value, inFile, [...definition.path, ...path]);
  };
  const followThis = (member, name, inFile, path) => {
    for (let at = member; at; at = inFile.scopes.parentOf(at)) {
      if (at.type === "ClassDeclaration" || at.type === "ClassExpression") {
        follow(at, inFile, [name, ...path]);
        return;
      }
    }
  };
  const followCall = (call, inFile, path) => {
    if (!isCall(call)) return;
    const callee = bare(call.callee);
    const argument = call.arguments[0];
    const source = literalText(argument);
    if (callee.type === "Identifier" && callee.name === "require" && source !== void 0) {
      fromModule(source, inFile, path);
      return;
    }
    const called = lastName(callee);
    if (argument && (called === "freeze" || /^_*(?:import|interop)\w*$/i.test(called ?? ""))) {
      follow(argument, inFile, path);
      return;
    }
    if (isMember(callee) && /^(?:toLowerCase|toUpperCase|toString|trim|valueOf)$/.test(called ?? "")) {
      follow(callee.object, inFile, path);
      return;
    }
    const key = `${call.start}:${inFile.path}:${path.join()}`;
    if (seen.has(key)) return;
    seen.add(key);
    const before2 = found.length;
    for (const origin of originsOfCallee(callee, inFile)) {
      if ("module" in origin) continue;
      if (isFunction(origin.node))
        for (const value of returned(origin.node)) follow(value, origin.file, path);
    }
    if (found.length === before2 && path.length === 0) found.push({ node: call, file: inFile });
  };
  const originsOfCallee = (callee, inFile) => {
    const from = found.length;
    follow(callee, inFile, []);
    return found.splice(from);
  };
  const fromModule = (source, inFile, path) => {
    const target = codeBase.resolve(inFile, source);
    if (!target) {
      found.push({ module: source.replace(/^node:/, ""), path });
      return;
    }
    const key = `${target.path}:${path.join(".")}`;
    if (seen.has(key)) return;
    seen.add(key);
    const [first, ...rest] = path;
    const exported = first === void 0 ? void 0 : target.exports.get(first);
    if (exported) {
      follow(exported, target, rest);
      return;
    }
    const whole = target.exports.get("*");
    if (whole && !(first === void 0 && whole.type === "ObjectExpression"))
      follow(whole, target, first === "default" ? rest : path);
    for (const next of target.passedOn) fromModule(next, target, path);
  };
  follow(node, file, []);
  known.set(node, found);
  return found;
}
function textsOf(codeBase, file, node, depth = 0) {
  const texts = [];
  if (depth > 3) return texts;
  for (const origin of originsOf(codeBase, file, node)) {
    if ("module" in origin) continue;
    const { node: value } = origin;
    if (value.type === "StringLiteral") texts.push(value.value);
    else if (value.type === "TemplateLiteral") {
      let text = value.quasis[0]?.value.cooked ?? "";
      value.expressions.forEach((part, index) => {
        text += textsOf(codeBase, origin.file, part, depth + 1)[0] ?? "\0";
        text += value.quasis[index + 1]?.value.cooked ?? "";
      });
      if (!text.includes("\0")) texts.push(text);
    } else if (value.type === "BinaryExpression" && value.operator === "+") {
      const left = textsOf(codeBase, origin.file, value.left, depth + 1)[0];
      const right = textsOf(codeBase, origin.file, value.right, depth + 1)[0];
      if (left !== void 0 && right !== void 0) texts.push(left + right);
    }
  }
  return texts;
}
function nameOf(node) {
  return node.type === "StringLiteral" ? node.value : node.type === "Identifier" ? node.name : "";
}

// src/scan/trace-names.ts
var knownHeaders = /* @__PURE__ */ new Set([
  "traceparent",
  "tracestate",
  "b3",
  "x-trace",
  "x-traceid",
  "x-requestid",
  "x-req-id",
  "x-correlationid",
  "x-b3-traceid",
  "x-b3-spanid",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-flags",
  "x-span-id",
  "x-parent-span-id",
  "x-amzn-trace-id",
  "x-cloud-trace-context",
  "x-datadog-trace-id",
  "x-datadog-parent-id",
  "x-datadog-sampling-priority",
  "x-ot-span-context",
  "sentry-trace",
  "uber-trace-id"
]);
var headerPattern = /^(?:x[-_])?(?:[a-z0-9]+[-_])?(?:trace|tracing|correlation|request)[-_]?id$/;
var foreignHeader = /^x[-_](?:amz|amzn|ms|github|goog|oss|shopify|vercel|nf|fb|twitter|slack)[-_]/;
function traceHeader(name, own) {
  const lower = name.toLowerCase();
  if (own.has(lower) || knownHeaders.has(lower)) return lower;
  if (!/-|^x_/.test(lower) || !headerPattern.test(lower) || foreignHeader.test(lower)) return void 0;
  return lower;
}
var certainName = /(?:^|[^a-z])(?:trace|tracing)id$/;
var possibleName = /^(?:x|http|current|incoming|existing|inbound|parent|root|my|new|the|this|generated|header|original)?(?:correlation|corr|request|req)id$/;
function idName(name) {
  if (name === void 0 || name.length < 5 || name.length > 40) return void 0;
  const words2 = name.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase().split(/[-_.]/).filter((word) => word !== "");
  const joined = words2.join("");
  const tail = words2.at(-1) === "id" ? `${words2.slice(0, -1).join("-")}id` : joined;
  if (certainName.test(joined.endsWith("traceid") && words2.length === 1 ? joined : `-${tail}`)) {
    return { word: joined, certain: true };
  }
  return possibleName.test(joined) ? { word: joined.replace(/^x(?=re|cor)/, ""), certain: false } : void 0;
}
function namesTraceHeader(name) {
  if (name === void 0 || !/header/i.test(name) || /headers/i.test(name)) return false;
  return /trace_?id|trace_?header|header_?trace|correlation|request_?id/i.test(name);
}
function mayMentionTraces(text, own) {
  if (/trac(?:e|ing)[-_]?(?:id|header|parent|state|context)|traceparent|sentry-trace|span-context|x-trace|span-?id|correlation|req(?:uest)?[-_]?id|\bb3\b|x-b3|x-datadog|rtracer|hpropagate|http-context/i.test(
    text
  )) {
    return true;
  }
  for (const name of own) if (text.includes(name) || text.toLowerCase().includes(name)) return true;
  return false;
}

// src/scan/detect/headers.ts
var responseName = /^(?:res|resp|response|reply|rsp|.*Response|.*Res)$/;
var requestName = /^(?:req|request|incoming|message|msg|event|ctx|context|c|call|.*Request|.*Req|.*Message)$/;
var outgoingName = /^(?:proxyReq|clientReq(?:uest)?|outgoing|config|cfg|opts|options|requestOptions|init|defaults|common|axiosConfig|requestConfig)$/;
var headersName = /headers$|^hdrs$|^metadata$/i;
var readMethods = /* @__PURE__ */ new Set(["get", "header", "getHeader", "getFirst", "getAll"]);
var writeMethods = /* @__PURE__ */ new Set(["set", "setHeader", "header", "append", "appendHeader", "addHeader"]);
function headerOf(place, node) {
  const expression = bare(node);
  const text = literalText(expression);
  if (text !== void 0) return traceHeader(text, place.ownHeaders);
  if (!/^(?:Identifier|Member|OptionalMember|Call|Template|Logical|Binary)/.test(expression.type))
    return void 0;
  const texts = textsOf(place.codeBase, place.file, expression);
  for (const text2 of texts) {
    const header = traceHeader(text2, place.ownHeaders);
    if (header !== void 0) return header;
  }
  const name = lastName(expression);
  return texts.length === 0 && namesTraceHeader(name) ? name : void 0;
}
function isHeaders(place, node) {
  const expression = bare(node);
  const name = lastName(expression) ?? "";
  const named = headersName.test(name) && !/^[A-Z]/.test(name);
  if (named && (expression.type === "Identifier" || isMember(expression))) return true;
  if (expression.type === "LogicalExpression") return isHeaders(place, expression.left);
  if (isCall(expression))
    return lastName(expression.callee) === "headers" || lastName(expression.callee) === "Headers";
  if (expression.type !== "Identifier") return false;
  return place.file.scopes.bindingOf(expression)?.definitions.some(({ value, path }) => {
    if (headersName.test(path.at(-1) ?? "")) return true;
    if (!value || path.length > 0) return false;
    const from = bare(value);
    return isMember(from) && headersName.test(keyName(from) ?? "") || isCall(from) && lastName(from.callee) === "Headers";
  }) ?? false;
}
function headerRead(place, node) {
  if (isMember(node)) {
    if (isWritten(place, node)) return void 0;
    const header = memberHeader(place, node);
    if (header === void 0 || !isHeaders(place, node.object)) return void 0;
    return isOfResponse(place, node.object) ? void 0 : header;
  }
  if (!isCall(node) || node.arguments.length !== 1) return void 0;
  const through = methodCall(node);
  const argument = node.arguments[0];
  if (!through || !argument || !readMethods.has(through.method)) return void 0;
  const { object } = through;
  const receiver = lastName(object) ?? "";
  const plausible = isHeaders(place, object) || requestName.test(receiver) || receiver === "this" || through.method !== "get" && !responseName.test(receiver);
  if (!plausible || isOfResponse(place, object)) return void 0;
  return headerOf(place, argument);
}
function readsUnknownHeader(place, node) {
  if (isMember(node)) {
    return node.computed && !isLiteral(place, node.property) && isHeaders(place, node.object) && !isWritten(place, node) && !isOfResponse(place, node.object);
  }
  if (!isCall(node) || node.arguments.length !== 1) return false;
  const through = methodCall(node);
  const name = lastName(through?.object ?? node) ?? "";
  return through !== void 0 && node.arguments[0] !== void 0 && readMethods.has(through.method) && !isLiteral(place, node.arguments[0]) && /^(?:req|request|ctx|incoming|.*Request)$/.test(name);
}
function isLiteral(place, node) {
  return !/^(?:Identifier|Member|OptionalMember)/.test(bare(node).type) || textsOf(place.codeBase, place.file, node).length > 0;
}
function memberHeader(place, node) {
  if (node.computed) return headerOf(place, node.property);
  const name = keyName(node);
  if (name === void 0) return void 0;
  return traceHeader(name, place.ownHeaders) ?? (idName(name) && isHeaders(place, node.object) ? name : void 0);
}
function isOfResponse(place, node) {
  return contains(node, (inner) => {
    const name = inner.type === "Identifier" ? inner.name : isMember(inner) ? keyName(inner) : void 0;
    if (name !== void 0 && responseName.test(name)) return true;
    if (inner.type !== "Identifier") return false;
    const binding = place.file.scopes.bindingOf(inner);
    return binding?.definitions.some(({ value }) => value !== void 0 && isFetched(value)) ?? false;
  });
}
function isFetched(node) {
  const value = bare(node);
  if (isMember(value)) return responseName.test(lastName(value.object) ?? "") || isFetched(value.object);
  return isCall(value) && /^(?:fetch|axios|got)$/.test(lastName(value.callee) ?? "");
}
function isWritten(place, node) {
  const parent = place.file.scopes.parentOf(node);
  return parent?.type === "AssignmentExpression" && parent.left === node || parent?.type === "UnaryExpression" && parent.operator === "delete";
}
function directionOf(place, node) {
  const names = [];
  for (let at = bare(node); ; ) {
    const name = lastName(at);
    if (name !== void 0) names.push(name);
    if (isMember(at)) at = bare(at.object);
    else if (isCall(at)) at = bare(at.callee);
    else break;
  }
  if (names.some((name) => outgoingName.test(name))) return "header-sent";
  if (names.some((name) => responseName.test(name))) return "header-returned";
  const root = names.at(-1) ?? "";
  if (/^(?:ctx|context|c|h|this)$/.test(root) && names.length === 1) return "header-returned";
  if (isMember(bare(node)) && requestName.test(root) && !isClientRequest(place, node))
    return "context-stored";
  return "header-sent";
}
function isClientRequest(place, node) {
  let root = bare(node);
  while (isMember(root)) root = bare(root.object);
  return originsOf(place.codeBase, place.file, root).some(
    (origin) => "node" in origin && isCall(origin.node) && /^(?:request|get|Request|clone)$/.test(lastName(origin.node.callee) ?? "")
  );
}
function findHeaders(place, node) {
  if (isMember(node) || isCall(node)) {
    const header = headerRead(place, node);
    const intoId = namesAround(place, node).some((word) => word !== void 0);
    if (header !== void 0 || intoId && readsUnknownHeader(place, node)) {
      return [
        {
          kind: "header-read",
          at: node,
          header,
          removable: declarationAround(place, node),
          proves: namesAround(place, node)
        }
      ];
    }
  }
  if (isCall(node)) return writeByCall(place, node);
  if (node.type === "AssignmentExpression" && isMember(node.left))
    return writeByAssignment(place, node, node.left);
  if (node.type === "ObjectProperty" || node.type === "ObjectMethod") return writeByProperty(place, node);
  if (node.type === "VariableDeclarator" && node.init && node.id.type === "ObjectPattern")
    return readByPattern(place, node.id, node.init);
  return [];
}
function writeByCall(place, node) {
  if (!isCall(node) || node.arguments.length < 2) return [];
  const through = methodCall(node);
  const [name, value] = node.arguments;
  if (!through || !name || !value || !writeMethods.has(through.method)) return [];
  const header = headerOf(place, name);
  if (isConfiguration(value)) return [];
  if (header === void 0) {
    const sent = !isLiteral(place, name) && responseName.test(lastName(through.object) ?? "") && readId(place, value);
    if (!sent) return [];
  }
  if (through.method === "set" && isStore(through.object) && !isHeaders(place, through.object)) return [];
  const kind = directionOf(place, through.object);
  return [
    { kind, at: node, header, removable: statementAround(place, node), proves: [wordOf(place, value)] }
  ];
}
function isStore(node) {
  return /store|cls|als|storage|namespace|^ns$|httpContext|cache|map|registry|^(?:trace)?context$|params|query/i.test(
    lastName(node) ?? ""
  );
}
function writeByAssignment(place, node, left) {
  const header = memberHeader(place, left);
  if (header === void 0 || isConfiguration(node.right)) return [];
  const holder = lastName(left.object) ?? "";
  const plausible = isHeaders(place, left.object) || /^(?:common|get|post|put|patch|delete)$/.test(holder) && isMember(bare(left.object));
  if (!plausible) return [];
  return [
    {
      kind: directionOf(place, left.object),
      at: node,
      header,
      removable: statementAround(place, node),
      proves: [wordOf(place, node.right)]
    }
  ];
}
function writeByProperty(place, property) {
  if (property.type !== "ObjectProperty" && property.type !== "ObjectMethod") return [];
  const object = place.file.scopes.parentOf(property);
  if (object?.type !== "ObjectExpression") return [];
  const inHeaders = isHeadersObject(place, object);
  const name = property.computed ? void 0 : keyName(property);
  const header = property.computed ? headerOf(place, property.key) : traceHeader(name ?? "", place.ownHeaders) ?? (inHeaders && idName(name) ? name : void 0);
  if (header === void 0) return [];
  if (property.type === "ObjectProperty") {
    if (isConfiguration(property.value)) return [];
    const literal = /Literal$/.test(property.value.type) && property.value.type !== "TemplateLiteral";
    if (literal && (!inHeaders || property.value.type !== "StringLiteral")) return [];
    if (!inHeaders && !readId(place, property.value)) return [];
  } else if (!inHeaders || property.kind !== "get") {
    return [];
  }
  const call = callAround(place, object);
  const through = call && methodCall(call);
  const kind = through && /^(?:set|writeHead|header|headers|code|status)$/.test(through.method) ? directionOf(place, through.object) : "header-sent";
  return [
    {
      kind,
      at: property,
      header,
      removable: property,
      proves: property.type === "ObjectProperty" ? [wordOf(place, property.value)] : []
    }
  ];
}
function isHeadersObject(place, object) {
  let at = object;
  for (let parent = place.file.scopes.parentOf(at); parent; at = parent, parent = place.file.scopes.parentOf(at)) {
    switch (parent.type) {
      case "ObjectProperty":
      case "ClassProperty":
        return at !== parent.key && headersName.test(keyName(parent) ?? "");
      case "VariableDeclarator":
        return parent.id.type === "Identifier" && headersName.test(parent.id.name);
      case "AssignmentExpression":
        return headersName.test(lastName(parent.left) ?? "") || /^common$/.test(lastName(parent.left) ?? "");
      case "CallExpression":
      case "NewExpression":
      case "OptionalCallExpression": {
        const callee = lastName(parent.callee) ?? "";
        if (callee === "Headers" || headersName.test(callee)) return true;
        if (callee === "assign") {
          const first = parent.arguments[0];
          return first !== void 0 && first !== at && isHeaders(place, first) || isHeadersObject(place, parent);
        }
        return callee === "writeHead";
      }
      case "ConditionalExpression":
      case "LogicalExpression":
      case "SpreadElement":
      case "ObjectExpression":
      case "TSAsExpression":
      case "TSSatisfiesExpression":
      case "ParenthesizedExpression":
        continue;
      case "ReturnStatement":
      case "ArrowFunctionExpression": {
        for (let up = parent; up; up = place.file.scopes.parentOf(up)) {
          const name = up.type === "FunctionDeclaration" || up.type === "FunctionExpression" ? up.id?.name : up.type === "VariableDeclarator" || up.type === "ClassMethod" || up.type === "ObjectMethod" ? keyName(up) ?? (up.type === "VariableDeclarator" ? lastName(up.id) : void 0) : void 0;
          if (name !== void 0) return headersName.test(name);
        }
        return false;
      }
      default:
        return false;
    }
  }
  return false;
}
function isConfiguration(node) {
  const value = bare(node);
  if (isFunction(value) || /^(?:Object|Array)Expression$|^(?:Boolean|Numeric|Null|RegExp)Literal$/.test(value.type))
    return true;
  if (!isCall(value)) return false;
  let root = value;
  while (isCall(root) || isMember(root)) root = bare(isCall(root) ? root.callee : root.object);
  return root.type === "Identifier" && /^(?:Joi|joi|z|yup|Type|t|S|v|expect|jest|vi|sinon|Matchers|like)$/.test(root.name);
}
function readByPattern(place, pattern, init) {
  if (pattern.type !== "ObjectPattern") return [];
  const found = [];
  const visit = (inner, ofHeaders) => {
    if (inner.type !== "ObjectPattern") return;
    for (const property of inner.properties) {
      if (property.type !== "ObjectProperty") continue;
      const name = property.computed ? void 0 : keyName(property);
      if (ofHeaders) {
        const header = property.computed ? headerOf(place, property.key) : traceHeader(name ?? "", place.ownHeaders) ?? (idName(name) && name);
        if (header !== void 0) {
          const target = property.value.type === "AssignmentPattern" ? property.value.left : property.value;
          found.push({
            kind: "header-read",
            at: property,
            header,
            removable: inner.properties.length === 1 ? statementAround(place, inner) : property,
            proves: [idName(lastName(target))?.word]
          });
        }
      }
      visit(property.value, headersName.test(name ?? ""));
    }
  };
  visit(pattern, isHeaders(place, init) && !isOfResponse(place, init));
  return found;
}
function wordOf(place, node) {
  return readId(place, node)?.word || idName(lastName(node))?.word;
}
function callAround(place, node) {
  const parent = place.file.scopes.parentOf(node);
  return isCall(parent) ? parent : void 0;
}
function statementAround(place, node) {
  let at = node;
  for (let parent = place.file.scopes.parentOf(at); parent; at = parent, parent = place.file.scopes.parentOf(at)) {
    if (parent.type === "ExpressionStatement") return parent;
    if (parent.type === "VariableDeclarator") {
      const declaration = place.file.scopes.parentOf(parent);
      return declaration?.type === "VariableDeclaration" && declaration.declarations.length === 1 ? declaration : void 0;
    }
    if (/Statement$|Function|^(?:Program|ObjectExpression|ObjectMethod|ClassMethod)$/.test(parent.type))
      return void 0;
    if (isCall(parent) && parent.callee !== at) return void 0;
  }
  return void 0;
}
function declarationAround(place, node) {
  return statementAround(place, node);
}
function namesAround(place, node) {
  for (let at = place.file.scopes.parentOf(node); at; at = place.file.scopes.parentOf(at)) {
    if (at.type === "VariableDeclarator") return [idName(lastName(at.id))?.word];
    if (at.type === "AssignmentExpression") return [idName(lastName(at.left))?.word];
    if (at.type === "ObjectProperty") return [idName(keyName(at))?.word];
    if (/Statement$|Function/.test(at.type)) return [];
  }
  return [];
}

// src/scan/detect/libraries.ts
var traceLibraries = /* @__PURE__ */ new Set([
  "cls-rtracer",
  "correlation-id",
  "@vizydrop/correlation-id",
  "express-correlation-id",
  "express-mw-correlation-id",
  "express-request-id",
  "hapi-request-id",
  "hpropagate",
  "koa-requestid",
  "koa-request-id",
  "koa-x-request-id",
  "request-id",
  "@eropple/nestjs-correlation-id",
  "@evanion/nestjs-correlation-id",
  "@nestified/correlation-id"
]);
function isTraceLibrary(module) {
  if (traceLibraries.has(module)) return true;
  const [first = "", second] = module.split("/");
  return traceLibraries.has(first.startsWith("@") ? `${first}/${second}` : first);
}
function findLibraries(place, node) {
  if (node.type === "ImportDeclaration" && isTraceLibrary(node.source.value)) {
    return node.importKind === "type" ? [] : [{ kind: "library", at: node, removable: node }];
  }
  if (!isCall(node)) return [];
  const [argument] = node.arguments;
  if (lastName(node.callee) === "require" && isTraceLibrary(literalText(argument) ?? "")) {
    return [{ kind: "library", at: node, removable: statementAround(place, node) }];
  }
  if (/^(?:use|register|apply)$/.test(lastName(node.callee) ?? "")) {
    const used = node.arguments.find((value) => {
      const from = isCall(value) ? value.callee : value;
      if (literalText(from) !== void 0) return false;
      return originsOf(place.codeBase, place.file, from).some(
        (o) => "module" in o && isTraceLibrary(o.module)
      );
    });
    if (used) return [{ kind: "library", at: node, removable: statementAround(place, node) }];
  }
  return [];
}

// src/scan/detect/ids.ts
var idPackages = /^(?:uuid(?:\/.+)?|uuid\.v[14]|node-uuid|short-?uuid|shortid|nanoid(?:\/.+)?|cuid|@paralleldrive\/cuid2|ulid|ulidx|hyperid|uniqid|uuidv4|uuidv7|ksuid|@lukeed\/uuid|bson-objectid)$/;
var idFunctions = /^(?:uuid(?:v?[1-7])?|v4uuid|nanoid|cuid2?|ulid|randomUUID|random_?uuid|uuid_?v\d|(?:generate|create|make|new|gen|next)_?(?:new)?_?(?:uuid|guid|trace_?id|correlation_?id|request_?id|req_?id))$/i;
var idGetter = /^(?:get|current|read|fetch|extract|find|resolve|ensure)?_?(?:current|the|incoming|active)?_?(.+)$/i;
var known2 = /* @__PURE__ */ new WeakMap();
function makesId(place, node) {
  const call = bare(node);
  if (!isCall(call)) return false;
  const before = known2.get(call);
  if (before !== void 0) return before;
  known2.set(call, false);
  const made = isMaker(place, call);
  known2.set(call, made);
  return made;
}
function isMaker(place, call) {
  const name = lastName(call.callee);
  const through = methodCall(call);
  if (through?.method === "random" && lastName(through.object) === "Math") return true;
  if (name === "randomUUID" || name === "randomBytes") return true;
  const origins = originsOf(place.codeBase, place.file, call.callee);
  for (const origin of origins) {
    if ("module" in origin) {
      if (idPackages.test(origin.module)) return true;
      if (origin.module === "crypto" && /^random(?:UUID|Bytes)$/.test(origin.path.at(-1) ?? "")) return true;
      if (origin.module === "global" && idFunctions.test(origin.path.at(-1) ?? "")) return true;
    } else if (isFunction(origin.node)) {
      const inside = { ...place, file: origin.file };
      if (returned(origin.node).some((value) => isMade(inside, value))) return true;
    }
  }
  return idFunctions.test(name ?? "") && origins.every((origin) => "module" in origin);
}
function isMade(place, node) {
  const value = bare(node);
  switch (value.type) {
    case "LogicalExpression":
    case "BinaryExpression":
      return isMade(place, value.left) || isMade(place, value.right);
    case "ConditionalExpression":
      return isMade(place, value.consequent) || isMade(place, value.alternate);
    case "TemplateLiteral":
      return value.expressions.some((part) => isMade(place, part));
    case "CallExpression":
    case "OptionalCallExpression": {
      const through = methodCall(value);
      return makesId(place, value) || through !== void 0 && isMade(place, through.object);
    }
    default:
      return false;
  }
}
function isOpenTelemetry(place, node, depth = 0) {
  if (depth > 3) return false;
  return contains(node, (inner) => {
    if (isCall(inner)) {
      return /^(?:spanContext|getSpanContext|getActiveSpan|getSpan|isSpanContextValid)$/.test(
        lastName(inner.callee) ?? ""
      );
    }
    if (isMember(inner) && /^spanContext$|^spanCtx$/i.test(lastName(inner.object) ?? "")) return true;
    if (inner.type !== "Identifier") return false;
    const binding = place.file.scopes.bindingOf(inner);
    if (!binding || binding.kind === "import") return false;
    if (/^(?:span|activeSpan|currentSpan|spanContext|spanCtx)$/i.test(binding.name)) return true;
    return binding.definitions.some(
      ({ value }) => value !== void 0 && value !== node && !isFunction(value) && isOpenTelemetry(place, value, depth + 1)
    );
  });
}
function readId(place, node, depth = 0) {
  const expression = bare(node);
  if (depth > 4) return void 0;
  const deeper = (inner) => readId(place, inner, depth + 1);
  switch (expression.type) {
    case "Identifier": {
      const binding = place.file.scopes.bindingOf(expression);
      const byName = idName(expression.name);
      if (binding && isOpenTelemetryBinding(place, binding)) return void 0;
      if (binding && binding.kind !== "import" && holdsId(place, binding, depth)) {
        return { word: byName?.word ?? "", certain: true };
      }
      return byName;
    }
    case "MemberExpression":
    case "OptionalMemberExpression": {
      if (headerRead(place, expression)) return { word: "", certain: true };
      if (isOpenTelemetry(place, expression)) return void 0;
      if (isFromLibrary(place, expression)) return { word: "", certain: true };
      return idName(keyName(expression));
    }
    case "LogicalExpression":
    case "BinaryExpression":
      return strongest(deeper(expression.left), deeper(expression.right));
    case "ConditionalExpression":
      return strongest(deeper(expression.consequent), deeper(expression.alternate));
    case "AssignmentExpression":
      return strongest(deeper(expression.left), deeper(expression.right));
    case "TemplateLiteral":
      return expression.expressions.map(deeper).reduce(strongest, void 0);
    case "ArrowFunctionExpression":
      return expression.body.type === "BlockStatement" ? void 0 : deeper(expression.body);
    case "CallExpression":
    case "OptionalCallExpression": {
      if (headerRead(place, expression)) return { word: "", certain: true };
      if (isOpenTelemetry(place, expression)) return void 0;
      const through = methodCall(expression);
      const name = lastName(expression.callee);
      if (/^(?:toString|trim|toLowerCase|slice|substring|replace|replaceAll|join)$/.test(name ?? "") && through) {
        return deeper(through.object);
      }
      if (name === "String" && expression.arguments[0]) return deeper(expression.arguments[0]);
      if (isFromLibrary(place, expression.callee)) return { word: "", certain: true };
      const word = idGetter.exec(name ?? "")?.[1];
      return idName(word) ?? idName(name);
    }
    default:
      return void 0;
  }
}
function isFromLibrary(place, node) {
  return originsOf(place.codeBase, place.file, node).some(
    (origin) => "module" in origin && isTraceLibrary(origin.module)
  );
}
function strongest(a, b) {
  if (!a || !b) return a ?? b;
  return b.certain && !a.certain ? b : a;
}
function holdsId(place, binding, depth) {
  return binding.definitions.some(({ value, path }) => {
    if (!value || isFunction(value)) return false;
    if (path.length > 0)
      return path.some((part) => idName(part)?.certain) || destructuresTraceHeader(place, path, value);
    return readsHeader(place, value, depth);
  });
}
function readsHeader(place, node, depth) {
  const expression = bare(node);
  if (headerRead(place, expression)) return true;
  if (depth > 3) return false;
  switch (expression.type) {
    case "LogicalExpression":
      return readsHeader(place, expression.left, depth + 1) || readsHeader(place, expression.right, depth + 1);
    case "ConditionalExpression":
      return readsHeader(place, expression.consequent, depth + 1) || readsHeader(place, expression.alternate, depth + 1);
    case "CallExpression":
    case "OptionalCallExpression": {
      const through = methodCall(expression);
      return through !== void 0 && readsHeader(place, through.object, depth + 1) || lastName(expression.callee) === "String" && expression.arguments[0] !== void 0 && readsHeader(place, expression.arguments[0], depth + 1);
    }
    case "MemberExpression":
    case "OptionalMemberExpression":
      return readsHeader(place, expression.object, depth + 1);
    case "Identifier": {
      const binding = place.file.scopes.bindingOf(expression);
      return binding !== void 0 && binding.kind === "variable" && holdsId(place, binding, depth + 1);
    }
    default:
      return false;
  }
}
function destructuresTraceHeader(place, path, value) {
  const last = path.at(-1) ?? "";
  const holder = path.length > 1 ? path.at(-2) : lastName(value);
  return /headers$/i.test(holder ?? "") && place.ownHeaders.has(last.toLowerCase()) ? true : /headers$/i.test(holder ?? "") && idName(last) !== void 0;
}
function isOpenTelemetryBinding(place, binding) {
  return binding.definitions.some(
    ({ value }) => value !== void 0 && !isFunction(value) && binding.kind === "variable" && isOpenTelemetry(place, value)
  );
}

// src/scan/scan.ts
import { realpathSync as realpathSync2 } from "fs";
import { relative as relative3, sep as sep3 } from "path";

// src/scan/code/code-base.ts
import { dirname, join, relative, sep } from "path";

// src/scan/problem.ts
var words = {
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENOENT: "it is gone",
  ELOOP: "a link that leads to itself"
};
function problemOf(error) {
  if (error instanceof RangeError) return "nested too deeply";
  const { code, message } = error;
  return code !== void 0 && words[code] || (message ?? String(error));
}

// src/scan/code/scopes.ts
function analyseScopes(program) {
  const parents = /* @__PURE__ */ new Map();
  const nodes = [];
  const bindings2 = [];
  const uses = [];
  const assigned = [];
  const declaring = /* @__PURE__ */ new Set();
  const declare = (scope, identifier, kind, declaration, definition) => {
    declaring.add(identifier);
    let binding = scope.names.get(identifier.name);
    if (!binding) {
      binding = { name: identifier.name, kind, declaration, identifier, definitions: [], references: [] };
      scope.names.set(identifier.name, binding);
      bindings2.push(binding);
    }
    if (definition) binding.definitions.push(definition);
  };
  const visit = (node, parent, key, outer) => {
    if (parent) parents.set(node, parent);
    nodes.push(node);
    let scope = outer;
    if (isFunction(node)) {
      if (node.type === "FunctionDeclaration" && node.id) {
        declare(outer, node.id, "function", node, { value: node, path: [], fallback: void 0 });
      }
      scope = { parent: outer, ofFunction: true, names: /* @__PURE__ */ new Map() };
      if (node.type === "FunctionExpression" && node.id) {
        declare(scope, node.id, "function", node, { value: node, path: [], fallback: void 0 });
      }
      for (const parameter of node.params) {
        const pattern = parameter.type === "TSParameterProperty" ? parameter.parameter : parameter;
        eachName(
          pattern,
          (identifier, path, fallback) => declare(scope, identifier, "parameter", pattern, { value: void 0, path, fallback })
        );
      }
    } else if (startsBlock(node, parent)) {
      scope = { parent: outer, ofFunction: node.type === "Program", names: /* @__PURE__ */ new Map() };
    }
    switch (node.type) {
      case "VariableDeclarator": {
        const declaration = parent;
        const target = declaration.kind === "var" ? functionScope(scope) : scope;
        eachName(
          node.id,
          (identifier, path, fallback) => declare(
            target,
            identifier,
            "variable",
            node,
            node.init || fallback ? { value: node.init ?? void 0, path, fallback } : void 0
          )
        );
        break;
      }
      case "ImportSpecifier":
      case "ImportDefaultSpecifier":
      case "ImportNamespaceSpecifier":
        declare(scope, node.local, "import", node, { value: node, path: [], fallback: void 0 });
        break;
      case "ClassDeclaration":
      case "TSEnumDeclaration":
        if (node.id) {
          declare(outer, node.id, "class", node, { value: node, path: [], fallback: void 0 });
        }
        break;
      case "TSInterfaceDeclaration":
      case "TSTypeAliasDeclaration":
        declare(scope, node.id, "type", node);
        break;
      case "TSImportEqualsDeclaration":
        declare(scope, node.id, "import", node, {
          value: node.moduleReference,
          path: [],
          fallback: void 0
        });
        break;
      case "CatchClause":
        if (node.param) {
          eachName(node.param, (identifier) => declare(scope, identifier, "parameter", node));
        }
        break;
      case "AssignmentExpression":
        assigned.push({ left: node.left, right: node.right, scope });
        break;
      case "Identifier":
        if (isUse(node, parent, key)) uses.push({ node, name: node.name, scope });
        break;
      case "JSXIdentifier":
        uses.push({ node, name: node.name, scope });
        break;
    }
    eachChild(node, (child, childKey) => visit(child, node, childKey, scope));
  };
  visit(program, void 0, "", { parent: void 0, ofFunction: true, names: /* @__PURE__ */ new Map() });
  const found = /* @__PURE__ */ new Map();
  for (const { node, name, scope } of uses) {
    const binding = lookUp(scope, name);
    if (!binding) continue;
    found.set(node, binding);
    if (!declaring.has(node)) binding.references.push(node);
  }
  for (const { left, right, scope } of assigned) {
    eachName(
      left,
      (identifier, path, fallback) => lookUp(scope, identifier.name)?.definitions.push({ value: right, path, fallback })
    );
  }
  return {
    bindings: bindings2,
    nodes,
    bindingOf: (identifier) => found.get(identifier),
    parentOf: (node) => parents.get(node)
  };
}
function startsBlock(node, parent) {
  switch (node.type) {
    case "Program":
    case "ForStatement":
    case "ForInStatement":
    case "ForOfStatement":
    case "SwitchStatement":
    case "CatchClause":
    case "ClassDeclaration":
    case "ClassExpression":
    case "TSModuleBlock":
    case "StaticBlock":
      return true;
    case "BlockStatement":
      return !isFunction(parent);
    default:
      return false;
  }
}
function functionScope(scope) {
  return scope.ofFunction || !scope.parent ? scope : functionScope(scope.parent);
}
function lookUp(scope, name) {
  for (let at = scope; at; at = at.parent) {
    const binding = at.names.get(name);
    if (binding) return binding;
  }
  return void 0;
}
function eachName(pattern, found, path = [], fallback) {
  switch (pattern.type) {
    case "Identifier":
      found(pattern, path, fallback);
      break;
    case "AssignmentPattern":
      eachName(pattern.left, found, path, pattern.right);
      break;
    case "ObjectPattern":
      for (const property of pattern.properties) {
        if (property.type === "RestElement") eachName(property.argument, found, path);
        else eachName(property.value, found, [...path, keyName(property) ?? "*"]);
      }
      break;
    case "ArrayPattern":
      for (const element of pattern.elements) if (element) eachName(element, found, [...path, "*"]);
      break;
    case "RestElement":
      eachName(pattern.argument, found, [...path, "*"]);
      break;
    case "TSParameterProperty":
      eachName(pattern.parameter, found, path);
      break;
  }
}
function isUse(node, parent, key) {
  if (!parent) return false;
  if (isMember(parent)) return key === "object" || parent.computed;
  switch (parent.type) {
    case "ObjectProperty":
    case "ClassProperty":
    case "ClassAccessorProperty":
      return key !== "key" || parent.computed === true;
    case "ObjectMethod":
    case "ClassMethod":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "TSDeclareMethod":
      return key !== "key" || parent.computed === true;
    case "ClassPrivateProperty":
    case "ClassPrivateMethod":
    case "PrivateName":
    case "MetaProperty":
    case "LabeledStatement":
    case "BreakStatement":
    case "ContinueStatement":
    case "ImportSpecifier":
    case "ImportDefaultSpecifier":
    case "ImportNamespaceSpecifier":
    case "ExportNamespaceSpecifier":
    case "TSEnumMember":
      return key === "initializer" || key === "value";
    case "ExportSpecifier":
      return key === "local";
    case "TSQualifiedName":
      return key === "left";
    default:
      return node.name !== "undefined";
  }
}

// src/scan/code/code-base.ts
function readCodeBase(folder, texts, ownHeaders) {
  const parsed = /* @__PURE__ */ new Map();
  const unparsed = [];
  const open = (path) => {
    if (parsed.has(path)) return parsed.get(path);
    const text = texts.get(path);
    if (text === void 0) return void 0;
    const name = relative(folder, path).split(sep).join("/");
    let file;
    try {
      const { program } = parseCode(path, text);
      file = { path, name, text, program, scopes: analyseScopes(program), ...exportsOf(program) };
    } catch (error) {
      unparsed.push({ file: name, message: problemOf(error) });
    }
    parsed.set(path, file);
    return file;
  };
  const constants = /* @__PURE__ */ new Set();
  for (const [path, text] of texts) {
    if (!mayMentionTraces(text, ownHeaders)) continue;
    for (const name of open(path)?.exports.keys() ?? [])
      if (/^[A-Z][A-Z0-9_]{3,}$/.test(name)) constants.add(name);
  }
  if (constants.size > 0) {
    const anyConstant = new RegExp(`\\b(?:${[...constants].join("|")})\\b`);
    for (const [path, text] of texts) if (!parsed.has(path) && anyConstant.test(text)) open(path);
  }
  const bySuffix = /* @__PURE__ */ new Map();
  const suffixMatch = (source) => {
    const suffix = source.replace(/^[@~#]?[^/]*\//, "").replace(/\.[cm]?[jt]sx?$/, "");
    if (suffix === "" || suffix === source) return void 0;
    let paths = bySuffix.get(suffix);
    if (!paths) {
      const wanted = new RegExp(`/${suffix.replace(/[^\w/-]/g, ".")}(?:/index)?\\.(?:[cm]?[jt]s|[jt]sx)$`);
      paths = [...texts.keys()].filter((path) => wanted.test(path.split(sep).join("/")));
      bySuffix.set(suffix, paths);
    }
    return paths.length === 1 ? paths[0] : void 0;
  };
  return {
    get files() {
      return [...parsed.values()].filter((file) => file !== void 0).sort((a, b) => a.name < b.name ? -1 : 1);
    },
    unparsed,
    resolve(from, source) {
      const path = source.startsWith(".") ? candidates(join(dirname(from.path), source)).find((candidate) => texts.has(candidate)) : source.includes("/") ? suffixMatch(source) : void 0;
      return path === void 0 ? void 0 : open(path);
    }
  };
}
var extensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];
function candidates(path) {
  const stem = path.replace(/\.([cm]?)jsx?$/, "");
  return [
    path,
    ...extensions.map((extension) => path + extension),
    // TypeScript writes the `.js` that there will be.
    ...stem === path ? [] : extensions.map((extension) => stem + extension),
    ...extensions.map((extension) => join(path, `index${extension}`))
  ];
}
function exportsOf(program) {
  const exports = /* @__PURE__ */ new Map();
  const passedOn = [];
  const put = (name, value) => {
    if (value.type !== "UnaryExpression") exports.set(name, value);
  };
  for (const statement of program.body) {
    switch (statement.type) {
      case "ExportAllDeclaration":
        passedOn.push(statement.source.value);
        break;
      case "ExportDefaultDeclaration":
        put("default", statement.declaration);
        break;
      case "ExportNamedDeclaration": {
        const { declaration } = statement;
        if (declaration?.type === "VariableDeclaration") {
          for (const { id, init } of declaration.declarations) {
            if (id.type === "Identifier" && init) put(id.name, init);
          }
        } else if (declaration && "id" in declaration && declaration.id?.type === "Identifier") {
          put(declaration.id.name, declaration);
        }
        for (const specifier of statement.specifiers) {
          if (specifier.type !== "ExportSpecifier") continue;
          const { exported } = specifier;
          const name = exported.type === "Identifier" ? exported.name : exported.value;
          put(name, statement.source ? specifier : specifier.local);
        }
        break;
      }
      case "ExpressionStatement":
        readCommonJs(statement.expression, put, passedOn);
        break;
    }
  }
  return { exports, passedOn };
}
function readCommonJs(expression, put, passedOn) {
  if (expression.type !== "AssignmentExpression" || !isMember(expression.left)) return;
  const { object } = expression.left;
  const property = keyName(expression.left);
  const value = expression.right;
  if (object.type === "Identifier" && object.name === "module" && property === "exports") {
    put("*", value);
    if (value.type === "ObjectExpression") {
      for (const member of value.properties) {
        if (member.type === "ObjectProperty") put(keyName(member) ?? "", member.value);
        if (member.type === "ObjectMethod") put(keyName(member) ?? "", member);
      }
    } else {
      put("default", value);
    }
    const called = value.type === "CallExpression" && value.callee.type === "Identifier" ? value : void 0;
    const source = called && lastName(called.callee) === "require" ? literalText(called.arguments[0]) : void 0;
    if (source !== void 0) passedOn.push(source);
  } else if (property !== void 0 && (object.type === "Identifier" && object.name === "exports" || isMember(object) && keyName(object) === "exports")) {
    put(property, value);
    if (value.type === "AssignmentExpression") readCommonJs(value, put, passedOn);
  }
}

// src/scan/detect/context.ts
var storePackages = /^(?:async_hooks|cls-hooked|continuation-local-storage|express-http-context2?|@fastify\/request-context|nestjs-cls|fastify-request-context|async-local-storage)$/;
var requestLike = /^(?:req|request|ctx|context|c|res|response|reply|raw|state|locals|socket|msg|message|event)$/;
function findContexts(place, node) {
  if (isCall(node)) return byCall(place, node);
  if (node.type === "AssignmentExpression") return byAssignment(place, node.left, node.right, node);
  if (isMember(node)) return readFromStore(place, node);
  return [];
}
function byCall(place, call) {
  if (!isCall(call)) return [];
  if (call.type === "NewExpression") return storeOfIds(place, call);
  const through = methodCall(call);
  if (!through) return [];
  const [first, second] = call.arguments;
  switch (through.method) {
    case "run":
    case "enterWith":
    case "runWith": {
      if (!first || !isStorage(place, through.object)) return [];
      const words2 = wordsIn(place, first) ?? (holdsIds(place, through.object) ? [] : void 0);
      if (!words2) return [];
      return [
        {
          kind: "context-stored",
          at: call,
          removable: through.method === "enterWith" ? statementAround(place, call) : void 0,
          proves: words2
        }
      ];
    }
    case "set":
    case "get": {
      if (!first || !isStorage(place, through.object)) return [];
      const key = keyIn(place, first);
      if (key === void 0) return [];
      if (through.method === "set" && !second) return [];
      return [
        {
          kind: through.method === "set" ? "context-stored" : "context-read",
          at: call,
          removable: statementAround(place, call),
          proves: [key]
        }
      ];
    }
    case "getStore": {
      const parent = place.file.scopes.parentOf(call);
      if (isMember(parent) || !storesPlainId(place, through.object)) return [];
      return [{ kind: "context-read", at: call, removable: statementAround(place, call) }];
    }
  }
  return [];
}
function keyIn(place, node) {
  const key = bare(node);
  const text = literalText(key) ?? textsOf(place.codeBase, place.file, key)[0] ?? lastName(key);
  if (text === void 0) return void 0;
  return idName(text)?.word ?? (traceHeader(text, place.ownHeaders) ? "" : void 0);
}
function isStorage(place, node) {
  for (const origin of originsOf(place.codeBase, place.file, node)) {
    if ("module" in origin) {
      if (storePackages.test(origin.module)) return true;
    } else if (isCall(origin.node)) {
      const callee = lastName(origin.node.callee);
      if (callee === "AsyncLocalStorage" || /^(?:createNamespace|getNamespace)$/.test(callee ?? ""))
        return true;
    }
  }
  return /^(?:als|cls|clsService|asyncLocalStorage|asyncStorage|localStorage|httpContext|requestContext|traceContext|traceStore|contextStore)$/i.test(
    lastName(node) ?? ""
  );
}
function wordsIn(place, node) {
  const value = bare(node);
  const id = readId(place, value);
  if (id || isCall(value) && makesId(place, value)) return [id?.word];
  if (value.type === "ObjectExpression") {
    const words2 = value.properties.flatMap((property) => {
      if (property.type !== "ObjectProperty") return [];
      const read = keyName(property) === "id" ? { word: "" } : idName(keyName(property)) ?? readId(place, property.value);
      return read ? [read.word] : [];
    });
    return words2.length > 0 ? words2 : void 0;
  }
  if (value.type === "NewExpression" && lastName(value.callee) === "Map") {
    return contains(
      value,
      (inner) => inner.type === "StringLiteral" ? idName(inner.value) !== void 0 : false
    ) ? [] : void 0;
  }
  if (value.type === "Identifier") {
    for (const origin of originsOf(place.codeBase, place.file, value)) {
      if ("node" in origin && origin.node !== value && origin.node.type === "ObjectExpression") {
        return wordsIn({ ...place, file: origin.file }, origin.node);
      }
    }
  }
  return void 0;
}
function storeOfIds(place, call) {
  if (!isCall(call) || lastName(call.callee) !== "AsyncLocalStorage") return [];
  const declarator = place.file.scopes.parentOf(call);
  const typed = contains(
    declarator ?? call,
    (inner) => inner.type === "TSPropertySignature" && idName(keyName(inner)) !== void 0
  );
  const used = declarator?.type === "VariableDeclarator" && holdsIds(place, declarator.id);
  if (!typed && !used) return [];
  return [{ kind: "context-stored", at: call, removable: statementAround(place, call) }];
}
function holdsIds(place, storage) {
  const binding = place.file.scopes.bindingOf(bare(storage));
  return binding?.references.some((reference) => storingCall(place, reference)) ?? false;
}
function storingCall(place, reference) {
  const member = place.file.scopes.parentOf(reference);
  const call = member && place.file.scopes.parentOf(member);
  return isCall(call) && /^(?:run|enterWith)$/.test(lastName(call.callee) ?? "") && call.arguments[0] !== void 0 && wordsIn(place, call.arguments[0]) !== void 0;
}
function storesPlainId(place, storage) {
  const expression = bare(storage);
  if (expression.type !== "Identifier") return false;
  return place.file.scopes.bindingOf(expression)?.references.some((reference) => {
    const member = place.file.scopes.parentOf(reference);
    const call = member && place.file.scopes.parentOf(member);
    if (!isCall(call) || !/^(?:run|enterWith)$/.test(lastName(call.callee) ?? "")) return false;
    const first = call.arguments[0];
    return first !== void 0 && bare(first).type !== "ObjectExpression" && (readId(place, first) !== void 0 || makesId(place, first));
  }) ?? false;
}
function byAssignment(place, left, right, whole) {
  if (!isMember(left)) return [];
  let root = bare(left.object);
  while (isMember(root)) root = bare(root.object);
  const onRequest = requestLike.test(lastName(left.object) ?? "") || requestLike.test(lastName(root) ?? "");
  const byName = idName(keyName(left));
  const property = keyName(left) ?? "";
  if (/headers$/i.test(lastName(left.object) ?? "")) return [];
  if (onRequest) {
    const value = readId(place, right);
    const made = contains(right, (inner) => isCall(inner) && makesId(place, inner));
    const isId = byName ? value !== void 0 || made || property !== "" : value?.certain && !/log/i.test(property);
    if (!isId || isFunction(right)) return [];
    const sure = value?.certain || made;
    return [
      {
        kind: "context-stored",
        at: whole,
        removable: statementAround(place, whole),
        proves: sure ? [byName?.word] : [],
        needs: sure || byName?.certain ? void 0 : byName?.word
      }
    ];
  }
  if (byName && contains(left.object, (inner) => isCall(inner) && lastName(inner.callee) === "getStore")) {
    return [
      { kind: "context-stored", at: whole, removable: statementAround(place, whole), proves: [byName.word] }
    ];
  }
  return [];
}
function readFromStore(place, node) {
  if (!isMember(node)) return [];
  const id = idName(keyName(node));
  const parent = place.file.scopes.parentOf(node);
  if (!id || parent?.type === "AssignmentExpression" && parent.left === node) return [];
  const object = bare(node.object);
  const direct = isCall(object) && lastName(object.callee) === "getStore";
  const named = object.type === "Identifier" && place.file.scopes.bindingOf(object)?.definitions.some(({ value }) => {
    const from = value && bare(value);
    return from !== void 0 && isCall(from) && lastName(from.callee) === "getStore";
  });
  if (!direct && !named) return [];
  if (headerRead(place, node)) return [];
  return [{ kind: "context-read", at: node, removable: statementAround(place, node), proves: [id.word] }];
}

// src/scan/detect/logs.ts
var levels = /^(?:trace|debug|info|http|verbose|notice|log|warn|warning|error|fatal|silly|critical|alert)$/;
var bindings = /^(?:child|assign|setBindings|addContext|defaultMeta|withContext)$/;
var loggerName = /log(?:ger)?$|^console$|^winston$|^pino$|^bunyan$/i;
var loggerPackages = /^(?:winston|pino|pino-http|bunyan|log4js|loglevel|express-pino-logger|koa-pino-logger|express-winston|nestjs-pino|signale|tslog|roarr)$/;
function findLogs(place, node) {
  if (!isCall(node)) return [];
  const through = methodCall(node);
  if (through) {
    if (levels.test(through.method) && loggerName.test(lastName(through.object) ?? "")) {
      return node.arguments.flatMap((argument) => inArgument(place, argument, false));
    }
    if (bindings.test(through.method) && loggerName.test(lastName(through.object) ?? "")) {
      return node.arguments.flatMap((argument) => inArgument(place, argument, true));
    }
    if (through.method === "token" && lastName(through.object) === "morgan")
      return tokenOfMorgan(place, node);
  }
  const callee = lastName(node.callee) ?? "";
  if (callee === "printf" || callee === "format" && isFunction(node.arguments[0]))
    return inFormat(place, node);
  if (/^(?:createLogger|pino|pinoHttp|Logger)$/i.test(callee) || isLoggerPackage(place, node))
    return inLoggerOptions(place, node);
  return [];
}
function isLoggerPackage(place, call) {
  const callee = bare(call.callee);
  if (callee.type !== "Identifier" && !isMember(callee)) return false;
  return originsOf(place.codeBase, place.file, callee).some(
    (origin) => "module" in origin && loggerPackages.test(origin.module)
  );
}
function inArgument(place, argument, child) {
  const value = bare(argument);
  switch (value.type) {
    case "ObjectExpression":
      return value.properties.flatMap((property) => {
        if (property.type !== "ObjectProperty") return [];
        const byName = idName(keyName(property));
        const byValue = readId(place, property.value);
        if (!byName && !byValue?.certain) return [];
        if (isOpenTelemetry(place, property.value) || /^(?:Object|Array)Expression$/.test(property.value.type))
          return [];
        return [logged(property, property, byName ?? byValue, child, byValue?.certain)];
      });
    case "TemplateLiteral": {
      const part = value.expressions.find((expression) => isIdValue(place, expression));
      const id = part && readId(place, part);
      return id ? [logged(part, void 0, id, false)] : [];
    }
    case "BinaryExpression": {
      const part = [value.left, value.right].find((side) => isIdValue(place, side));
      if (part) {
        const id = readId(place, part);
        return id ? [logged(part, void 0, id, false)] : [];
      }
      return value.left.type === "BinaryExpression" ? inArgument(place, value.left, child) : [];
    }
    case "Identifier":
    case "MemberExpression":
    case "OptionalMemberExpression":
    case "CallExpression":
    case "OptionalCallExpression": {
      if (isCall(value) && /^(?:stringify|format|inspect)$/.test(lastName(value.callee) ?? "")) {
        return value.arguments.flatMap((inner) => inArgument(place, inner, child));
      }
      if (!isIdValue(place, value)) return [];
      const id = readId(place, value);
      return id ? [logged(value, void 0, id, false)] : [];
    }
    default:
      return [];
  }
}
function isIdValue(place, node) {
  const value = bare(node);
  if (value.type === "TemplateLiteral" || value.type === "BinaryExpression") return false;
  return readId(place, value) !== void 0 && !isOpenTelemetry(place, value);
}
function logged(at, removable, id, proven, certainValue = false) {
  const sure = proven || certainValue || id?.certain;
  return {
    kind: "logged",
    at,
    removable,
    proves: sure ? [id?.word] : [],
    needs: sure ? void 0 : id?.word
  };
}
function inFormat(place, call) {
  const fn = call.arguments[0];
  if (!isFunction(fn)) return [];
  let found;
  contains(fn, (inner) => {
    if (inner.type === "ObjectProperty" && idName(keyName(inner)) && (place.file.scopes.parentOf(inner)?.type === "ObjectPattern" || !isOpenTelemetry(place, inner.value)))
      found ??= inner;
    else if (isMember(inner) && idName(keyName(inner)) && !isFromSpan(place, inner)) found ??= inner;
    return found !== void 0;
  });
  return found ? [{ kind: "logged", at: found, needs: neededBy(found) }] : [];
}
function isFromSpan(place, member) {
  const parent = place.file.scopes.parentOf(member);
  const assigned = parent?.type === "AssignmentExpression" && parent.left === member ? parent.right : member;
  return isOpenTelemetry(place, assigned);
}
function neededBy(node) {
  const id = idName(keyName(node));
  return id?.certain ? void 0 : id?.word;
}
function inLoggerOptions(place, call) {
  const found = [];
  for (const argument of call.arguments) {
    if (argument.type !== "ObjectExpression") continue;
    for (const property of argument.properties) {
      if (property.type === "SpreadElement") continue;
      const name = keyName(property) ?? "";
      const value = property.type === "ObjectMethod" ? property : property.value;
      if (/^(?:mixin|customProps|customAttributeKeys|formatters)$/.test(name) && isFunction(value)) {
        for (const result of returned(value)) found.push(...inArgument(place, result, true));
      } else if (/^(?:defaultMeta|base|bindings|mixin)$/.test(name)) {
        found.push(...inArgument(place, value, true));
      } else if (name === "genReqId") {
        found.push({ kind: "logged", at: property, removable: property });
      }
    }
  }
  return found;
}
function tokenOfMorgan(place, call) {
  const [name, fn] = call.arguments;
  const id = name?.type === "StringLiteral" ? idName(name.value) : void 0;
  const reads = isFunction(fn) && returned(fn).some((value) => readId(place, value) !== void 0);
  return id || reads ? [{ kind: "logged", at: call, removable: call }] : [];
}

// src/scan/detect/made.ts
var certain = { word: "", certain: true };
function findMadeIds(place, node) {
  if (!isCall(node) || headerRead(place, node) || !makesId(place, node)) return [];
  const id = whereItGoes(place, node);
  if (!id) return [];
  return [
    {
      kind: "id-made",
      at: node,
      removable: statementAround(place, node),
      needs: id.certain ? void 0 : id.word
    }
  ];
}
function whereItGoes(place, node) {
  const { scopes } = place.file;
  let at = node;
  let beside;
  for (let parent = scopes.parentOf(at); parent; at = parent, parent = scopes.parentOf(at)) {
    switch (parent.type) {
      case "LogicalExpression":
        beside ??= readId(place, parent.left === at ? parent.right : parent.left);
        continue;
      case "ConditionalExpression":
        if (at === parent.test) return void 0;
        beside ??= readId(place, parent.consequent === at ? parent.alternate : parent.consequent);
        continue;
      case "VariableDeclarator":
        return best(beside, at === parent.init ? readId(place, parent.id) : void 0);
      case "AssignmentExpression":
        return best(beside, readId(place, parent.left), idNameOfHeader(place, parent.left));
      case "AssignmentPattern":
        return best(beside, readId(place, parent.left));
      case "ObjectProperty":
      case "ClassProperty":
        return best(beside, idName(keyName(parent)), idNameOfKey(place, parent));
      case "ReturnStatement":
      case "ArrowFunctionExpression": {
        if (beside?.certain) return beside;
        const name = nameOfFunction(place, parent);
        return best(
          beside,
          idName(name?.replace(/^(?:generate|create|make|new|gen|next|get|ensure|resolve)/i, "")),
          /^genReqId$/.test(name ?? "") ? { word: "reqid", certain: true } : void 0
        );
      }
      case "CallExpression":
      case "OptionalCallExpression":
      case "NewExpression": {
        if (parent.callee === at) continue;
        const first = parent.arguments[0];
        if (first && first !== at)
          return best(beside, idName(literalText(first)), headerOf(place, first) ? certain : void 0);
        if (parent.callee.type === "Identifier") continue;
        if (isMember(bare(parent.callee)) && /^(?:run|enterWith|withId)$/.test(lastName(parent.callee) ?? "")) {
          return best(beside, { word: "traceid", certain: false });
        }
        return beside;
      }
      default:
        if (/Statement$|^Program$|Declaration$/.test(parent.type) || isFunction(parent)) return beside;
    }
  }
  return beside;
}
function best(...ids) {
  return ids.find((id) => id?.certain) ?? ids.find((id) => id !== void 0);
}
function idNameOfKey(place, property) {
  const { key, computed } = property;
  const isHeader = computed || key.type === "StringLiteral" ? headerOf(place, key) !== void 0 : false;
  return isHeader ? certain : void 0;
}
function idNameOfHeader(place, left) {
  return isMember(left) && left.computed && headerOf(place, left.property) !== void 0 ? certain : void 0;
}
function nameOfFunction(place, node) {
  for (let at = node; at; at = place.file.scopes.parentOf(at)) {
    if ((at.type === "FunctionDeclaration" || at.type === "FunctionExpression") && at.id) return at.id.name;
    if (at.type === "ClassMethod" || at.type === "ObjectMethod" || at.type === "ObjectProperty")
      return keyName(at);
    if (at.type === "VariableDeclarator") return lastName(at.id);
    if (at.type === "CallExpression") return void 0;
  }
  return void 0;
}

// src/scan/finding.ts
var replacements = {
  "id-made": "Throughline makes the trace id (W3C, 32 hex digits) for each request and message that arrives without one.",
  "header-read": "Throughline reads traceparent by itself, and the old header while `legacyTraceHeader` names it.",
  "header-sent": "Throughline writes traceparent on every http, https and fetch call and every Kafka message, and the old header too while `legacyTraceHeader` sends it.",
  "header-returned": "Keep it while callers quote the id from the answer; else remove it. The trace id is in every log line.",
  logged: "`logger` of @throughline/core writes trace_id and span_id on every line; the field by hand can go.",
  "context-stored": "Throughline keeps the active trace across await and callbacks; nothing needs to be stored.",
  "context-read": "The id is needed nowhere by hand; where it is, `trace.getActiveSpan()?.spanContext().traceId` of @opentelemetry/api has it.",
  library: "initObservability() does what this package does; remove it when its last use is gone."
};

// src/scan/source-files.ts
import { readdirSync, readFileSync, realpathSync, statSync } from "fs";
import { dirname as dirname2, join as join2, relative as relative2, sep as sep2 } from "path";
import createIgnore from "ignore";
var skippedFolders = /* @__PURE__ */ new Set([
  "node_modules",
  "bower_components",
  "jspm_packages",
  "dist",
  "build",
  "out",
  "coverage"
]);
var codeFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;
var madeFile = /\.(?:d\.[cm]?ts|min\.[cm]?js|bundle\.[cm]?js|pb\.[jt]s|generated\.[jt]sx?)$|[-_.]pb\.js$/;
var maxSizeBytes = 1024 * 1024;
function listSourceFiles(folder, onUnreadable = () => {
}) {
  const root = realpathSync(folder);
  const files = [];
  const visit = (path, rules) => {
    const own = rulesIn(path);
    const all = own ? [...rules, own] : rules;
    let entries;
    try {
      entries = readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1);
    } catch (error) {
      onUnreadable(path, error);
      return;
    }
    for (const entry of entries) {
      const child = join2(path, entry.name);
      if (entry.isDirectory()) {
        if (entry.name.startsWith(".") || skippedFolders.has(entry.name)) continue;
        if (!isIgnored(child, true, all)) visit(child, all);
      } else if (entry.isFile() && codeFile.test(entry.name) && !madeFile.test(entry.name)) {
        if (!isIgnored(child, false, all)) files.push(child);
      }
    }
  };
  visit(root, rulesAbove(root));
  return files;
}
function readSource(path) {
  if (statSync(path).size > maxSizeBytes) return void 0;
  const text = readFileSync(path, "utf8");
  return isMade2(text) ? void 0 : text;
}
function isMade2(text) {
  if (/@generated\b|\bauto-?generated\b|\bdo not edit\b/i.test(text.slice(0, 400))) return true;
  if (text.length < 2e3) return false;
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return text.length / lines > 300;
}
function rulesIn(folder) {
  try {
    return { folder, ignore: createIgnore().add(readFileSync(join2(folder, ".gitignore"), "utf8")) };
  } catch {
    return void 0;
  }
}
function rulesAbove(root) {
  const rules = [];
  let at = root;
  while (!isRepository(at)) {
    const above = dirname2(at);
    if (above === at) return [];
    const found = rulesIn(above);
    if (found) rules.unshift(found);
    at = above;
  }
  return isIgnored(root, true, rules) ? [] : rules;
}
function isRepository(folder) {
  return statSync(join2(folder, ".git"), { throwIfNoEntry: false }) !== void 0;
}
function isIgnored(path, isFolder, rules) {
  let ignored = false;
  for (const { folder, ignore } of rules) {
    const from = relative2(folder, path).split(sep2).join("/");
    const { ignored: matches, unignored } = ignore.test(isFolder ? `${from}/` : from);
    if (matches) ignored = true;
    else if (unignored) ignored = false;
  }
  return ignored;
}

// src/scan/scan.ts
function scanFolder(folder, headers = []) {
  const root = realpathSync2(folder);
  const ownHeaders = new Set(headers.map((name) => name.toLowerCase()));
  const unreadable = [];
  const onUnreadable = (path, error) => {
    const name = relative3(root, path).split(sep3).join("/");
    unreadable.push({ file: name === "" ? "." : name, message: problemOf(error) });
  };
  const paths = listSourceFiles(root, onUnreadable);
  const texts = /* @__PURE__ */ new Map();
  let skipped = 0;
  for (const path of paths) {
    try {
      const text = readSource(path);
      if (text === void 0) skipped++;
      else texts.set(path, text);
    } catch (error) {
      onUnreadable(path, error);
    }
  }
  const codeBase = readCodeBase(root, texts, ownHeaders);
  const all = [];
  const proven = /* @__PURE__ */ new Set();
  const read = /* @__PURE__ */ new Set();
  for (let files = codeBase.files; files.length > 0; files = codeBase.files.filter((file) => !read.has(file))) {
    for (const file of files) {
      read.add(file);
      for (const evidence2 of evidenceIn({ codeBase, file, ownHeaders })) {
        all.push({ file, evidence: evidence2 });
        for (const word of evidence2.proves ?? []) if (word) proven.add(word);
      }
    }
  }
  all.sort((a, b) => a.file.name < b.file.name ? -1 : a.file.name > b.file.name ? 1 : 0);
  const evidence = all.filter(({ evidence: { needs } }) => needs === void 0 || proven.has(needs));
  return {
    folder: root,
    findings: toFindings(evidence),
    evidence,
    codeBase,
    ownHeaders,
    unparsed: [...unreadable, ...codeBase.unparsed],
    files: { found: paths.length, skipped, parsed: codeBase.files.length }
  };
}
function evidenceIn(place) {
  const found = [];
  const seen = /* @__PURE__ */ new Set();
  for (const node of place.file.scopes.nodes) {
    for (const evidence of [
      ...findHeaders(place, node),
      ...findMadeIds(place, node),
      ...findContexts(place, node),
      ...findLogs(place, node),
      ...findLibraries(place, node)
    ]) {
      const key = `${evidence.kind}:${evidence.at.loc?.start.line}:${evidence.header ?? evidence.at.start}`;
      if (seen.has(key)) continue;
      seen.add(key);
      found.push(evidence);
    }
  }
  return found.sort((a, b) => (a.at.start ?? 0) - (b.at.start ?? 0));
}
function toFindings(all) {
  const counted = /* @__PURE__ */ new Map();
  return all.map(({ file, evidence }) => {
    const lines = counted.get(file) ?? /* @__PURE__ */ new Set();
    counted.set(file, lines);
    const before = lines.size;
    for (const line2 of wholeLines(file, evidence.removable)) lines.add(line2);
    const { line = 1, column = 0 } = evidence.at.loc?.start ?? {};
    return {
      kind: evidence.kind,
      file: file.name,
      line,
      column: column + 1,
      ...evidence.header === void 0 || namesTraceHeader(evidence.header) ? {} : { header: evidence.header },
      code: (file.text.split("\n", line)[line - 1] ?? "").trim().slice(0, 160),
      replacement: replacements[evidence.kind],
      removableLines: lines.size - before,
      inTest: isTest(file.name)
    };
  });
}
function wholeLines(file, node) {
  if (!node?.loc || node.start == null || node.end == null) return [];
  const before = file.text.slice(file.text.lastIndexOf("\n", node.start - 1) + 1, node.start);
  const lineEnd = file.text.indexOf("\n", node.end);
  const after = file.text.slice(node.end, lineEnd === -1 ? void 0 : lineEnd);
  const first = node.loc.start.line + (before.trim() === "" ? 0 : 1);
  const last = node.loc.end.line - (/^[\s,;]*(?:\/\/.*)?$/.test(after) ? 0 : 1);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
function isTest(name) {
  return /(?:^|\/)(?:tests?|__tests__|__mocks__|spec|e2e|cypress)\/|[._-](?:test|tests|spec|e2e)\.[cm]?[jt]sx?$/.test(
    name
  );
}

// src/scan/fix/removal.ts
function cut(text, ranges) {
  let result = "";
  let from = 0;
  for (const { start, end } of [...ranges].sort((a, b) => a.start - b.start || b.end - a.end)) {
    if (end <= from) continue;
    result += text.slice(from, Math.max(from, start));
    from = end;
  }
  return result + text.slice(from);
}
function removalOf(file, node, gone) {
  const parent = file.scopes.parentOf(node);
  if (parent?.type === "ObjectExpression" && parent.properties.every((property) => gone.includes(property))) {
    const holder = file.scopes.parentOf(parent);
    if (holder?.type === "ObjectProperty") return removalOf(file, holder, [...gone, holder]);
    if (isCall(holder) && holder.arguments.length > 1 && holder.arguments.at(-1) === parent) {
      return elementRange(file.text, holder.arguments, [parent], parent);
    }
  }
  if (parent?.type === "ObjectExpression" || parent?.type === "ObjectPattern") {
    return elementRange(file.text, parent.properties, gone, node);
  }
  if (parent?.type === "ImportDeclaration")
    return elementRange(file.text, parent.specifiers, gone, node);
  return [statementRange(file.text, node)];
}
function elementRange(text, elements, gone, element) {
  const index = elements.indexOf(element);
  const start = element.start ?? 0;
  const end = element.end ?? 0;
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const line = lineAround(text, start, end + comma);
  const previous = elements.slice(0, index).findLast((earlier) => !gone.includes(earlier));
  if (elements.slice(index + 1).some((later) => !gone.includes(later))) {
    if (line) return [line];
    return [{ start, end: end + comma + (/^[ \t]*/.exec(text.slice(end + comma))?.[0].length ?? 0) }];
  }
  if (!line || !previous) return [{ start: previous?.end ?? elements[0]?.start ?? start, end }];
  const before = previous.end ?? 0;
  const endsWithComma = /^\s*,/.test(text.slice(elements.at(-1)?.end ?? 0));
  return endsWithComma ? [line] : [line, { start: before, end: before + 1 }];
}
function statementRange(text, node) {
  const start = node.start ?? 0;
  const end = node.end ?? 0;
  const line = lineAround(text, start, end);
  if (!line) return { start, end };
  const blankBefore = line.start === 0 || /\n[ \t]*\r?\n$/.test(text.slice(Math.max(0, line.start - 200), line.start)) || /\{[ \t]*\r?\n$/.test(text.slice(0, line.start));
  const blankAfter = /^[ \t]*\r?\n/.exec(text.slice(line.end));
  return blankBefore && blankAfter ? { start: line.start, end: line.end + blankAfter[0].length } : line;
}
function lineAround(text, start, end) {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = text.indexOf("\n", end);
  const stop = lineEnd === -1 ? text.length : lineEnd + 1;
  if (text.slice(lineStart, start).trim() !== "") return void 0;
  return /^[ \t;]*(?:\/\/[^\n]*)?\r?\n?$/.test(text.slice(end, stop)) ? { start: lineStart, end: stop } : void 0;
}

// src/scan/fix/orphans.ts
function withoutOrphans(file, text) {
  const unusedBefore = new Set(file.scopes.bindings.filter(isUnused).map(nameAndKind));
  let current = text;
  for (let round = 0; round < 10; round++) {
    const { program } = parseCode(file.path, current);
    const scopes = analyseScopes(program);
    const orphans = scopes.bindings.filter(
      (binding) => isUnused(binding) && !unusedBefore.has(nameAndKind(binding)) && file.scopes.bindings.some((one) => nameAndKind(one) === nameAndKind(binding))
    );
    const gone = orphans.map((binding) => removableDeclaration(scopes, binding)).filter((node) => node !== void 0);
    if (gone.length === 0) return current;
    const whole = gone.map((node) => importWithNothingLeft(scopes, node, gone) ?? node);
    const now = { ...file, text: current, program, scopes };
    current = cut(
      current,
      whole.flatMap((node) => removalOf(now, node, whole))
    );
  }
  return current;
}
function nameAndKind(binding) {
  return `${binding.kind}:${binding.name}`;
}
function isUnused(binding) {
  return binding.references.length === 0 && (binding.kind === "import" || binding.kind === "variable");
}
function removableDeclaration(scopes, binding) {
  const { declaration, identifier } = binding;
  if (binding.kind === "import") return declaration.type.startsWith("Import") ? declaration : void 0;
  if (declaration.type !== "VariableDeclarator" || binding.definitions.length > 1) return void 0;
  const statement = scopes.parentOf(declaration);
  if (statement?.type !== "VariableDeclaration" || !/^(?:Program|BlockStatement)$/.test(scopes.parentOf(statement)?.type ?? ""))
    return void 0;
  if (declaration.init && hasEffects(declaration.init)) return void 0;
  if (declaration.id.type === "Identifier")
    return statement.declarations.length === 1 ? statement : void 0;
  if (declaration.id.type !== "ObjectPattern") return void 0;
  const { properties } = declaration.id;
  if (properties.some((property2) => property2.type === "RestElement")) return void 0;
  const property = properties.find((one) => contains(one, (inner) => inner === identifier));
  return properties.length === 1 ? statement.declarations.length === 1 ? statement : void 0 : property;
}
function hasEffects(node) {
  return contains(bare(node), (inner) => {
    if (/^(?:Await|Yield|Assignment|Update)Expression$/.test(inner.type)) return true;
    if (!isCall(inner)) return false;
    const callee = bare(inner.callee);
    const name = callee.type === "Identifier" ? callee.name : "property" in callee && callee.property.type === "Identifier" ? callee.property.name : "";
    return !/^(?:require|get|header|getHeader|getStore|getId|id|uuid|uuidv\d|v[1-7]|nanoid|randomUUID|String|toString|(?:get|current|generate|create|make|new)_?\w*id)$/i.test(
      name
    );
  });
}
function importWithNothingLeft(scopes, node, gone) {
  const parent = scopes.parentOf(node);
  return parent?.type === "ImportDeclaration" && parent.specifiers.every((specifier) => gone.includes(specifier)) ? parent : void 0;
}

// src/scan/fix/plan.ts
function planFixes(scan2) {
  const removals = /* @__PURE__ */ new Map();
  const headers = /* @__PURE__ */ new Set();
  const add = (file, removal) => {
    const list = removals.get(file);
    if (list) list.push(removal);
    else removals.set(file, [removal]);
  };
  for (const { file, evidence } of scan2.evidence) {
    if (isTest(file.name) || !isSafeHeader(scan2, file, evidence) || !evidence.removable) continue;
    add(file, { node: evidence.removable, count: 1 });
    if (evidence.header !== void 0) headers.add(evidence.header);
  }
  for (const { file, nodes, count: count2 } of idleMiddlewares(scan2, removals)) {
    for (const [index, node] of nodes.entries()) add(file, { node, count: index === 0 ? count2 : 0 });
  }
  const fixes = [];
  const refused = [];
  for (const [file, list] of removals) {
    const fix2 = fixOf(file, list);
    if (fix2) fixes.push(fix2);
    else refused.push(file.name);
  }
  return { fixes, headers: [...headers].sort(), refused };
}
function fixOf(file, list) {
  let after;
  try {
    after = withoutOrphans(
      file,
      cut(
        file.text,
        list.flatMap(
          ({ node }) => removalOf(
            file,
            node,
            list.map((one) => one.node)
          )
        )
      )
    );
    parseCode(file.path, after);
  } catch {
    return void 0;
  }
  return {
    path: file.path,
    name: file.name,
    before: file.text,
    after,
    count: list.reduce((sum, { count: count2 }) => sum + count2, 0),
    diff: createTwoFilesPatch(`a/${file.name}`, `b/${file.name}`, file.text, after, "", "").replace(
      /^=+\n/,
      ""
    )
  };
}
function isSafeHeader(scan2, file, evidence) {
  const { at } = evidence;
  if (evidence.kind !== "header-sent" || !evidence.removable) return false;
  if (!evidence.header?.includes("-")) return false;
  if (/^(?:traceparent|tracestate|b3|x-b3-(?!traceid)|x-datadog-(?!trace-id))/.test(evidence.header))
    return false;
  const value = at.type === "ObjectProperty" ? at.value : at.type === "AssignmentExpression" ? at.right : isCall(at) ? at.arguments[1] : void 0;
  if (!value || !(readId({ ...scan2, file }, value) || readsContext(scan2, file, value))) return false;
  if (at.type === "ObjectProperty" && !belongsToCall(file, at)) return false;
  if (evidence.removable.type === "ExpressionStatement" && !isInBlock(file, evidence.removable)) return false;
  return isHarmless(value);
}
function readsContext(scan2, file, value) {
  return scan2.evidence.some(
    (one) => one.file === file && one.evidence.kind === "context-read" && bare(value) === bare(one.evidence.at)
  );
}
function isHarmless(node) {
  const value = bare(node);
  switch (value.type) {
    case "Identifier":
    case "ThisExpression":
    case "StringLiteral":
    case "NullLiteral":
      return value.type !== "StringLiteral" && value.type !== "NullLiteral";
    case "MemberExpression":
    case "OptionalMemberExpression":
      return !contains(value, (inner) => inner !== value && isCall(inner) && !isGetter(inner));
    case "LogicalExpression":
      return isHarmless(value.left) && (isHarmless(value.right) || /Literal$/.test(value.right.type));
    case "TemplateLiteral":
      return value.expressions.every(isHarmless);
    case "CallExpression":
    case "OptionalCallExpression":
      return isGetter(value);
    default:
      return false;
  }
}
function isGetter(call) {
  if (!isCall(call)) return false;
  return /^(?:get\w*|id|uuid|v[1-7]|uuidv\d|nanoid|randomUUID|toString|String|(?:current|generate|create|make|new)\w*id)$/i.test(
    lastName(call.callee) ?? ""
  ) && call.arguments.every(
    (argument) => /^(?:Identifier|StringLiteral|MemberExpression)$/.test(argument.type) || isHarmless(argument)
  );
}
function belongsToCall(file, property) {
  for (let at = file.scopes.parentOf(property); at; at = file.scopes.parentOf(at)) {
    if (isCall(at))
      return !/^(?:assign|send|json|end|stringify|writeHead)$/.test(lastName(at.callee) ?? "") || isProducer(at);
    if (/Statement$|Declarat|Function|AssignmentExpression|Method$/.test(at.type)) {
      return at.type === "VariableDeclarator" && onlyPassedToCalls(file, at);
    }
  }
  return false;
}
function isProducer(call) {
  const through = isCall(call) ? methodCall(call) : void 0;
  return through !== void 0 && /producer|kafka/i.test(lastName(through.object) ?? "");
}
function onlyPassedToCalls(file, declarator) {
  if (declarator.type !== "VariableDeclarator" || declarator.id.type !== "Identifier") return false;
  const binding = file.scopes.bindingOf(declarator.id);
  if (!binding || binding.references.length === 0 || isExported(file, declarator)) return false;
  return binding.references.every((reference) => {
    let at = file.scopes.parentOf(reference);
    while (at && /^(?:ObjectProperty|ObjectExpression|SpreadElement)$/.test(at.type))
      at = file.scopes.parentOf(at);
    return isCall(at) && /^(?:fetch|get|post|put|patch|delete|head|request|axios|got|stream)$/.test(lastName(at.callee) ?? "");
  });
}
function isExported(file, declarator) {
  const declaration = file.scopes.parentOf(declarator);
  return declaration !== void 0 && file.scopes.parentOf(declaration)?.type === "ExportNamedDeclaration";
}
function isInBlock(file, statement) {
  const parent = file.scopes.parentOf(statement);
  return parent?.type === "Program" || parent?.type === "BlockStatement";
}
function idleMiddlewares(scan2, removals) {
  const found = [];
  for (const file of scan2.codeBase.files) {
    if (isTest(file.name)) continue;
    const own = scan2.evidence.filter((one) => one.file === file).map(({ evidence }) => evidence);
    for (const fn of file.scopes.nodes) {
      if (!isFunction(fn) || fn.type.endsWith("Method") || !doesNothingElse(fn, own)) continue;
      const stored = storedNames(fn);
      if (stored.length === 0 || stored.some((name) => name === void 0 || isReadElsewhere(scan2, name, fn, removals)))
        continue;
      const nodes = placesOf(file, fn);
      if (nodes) found.push({ file, nodes, count: own.filter(({ at }) => isInside(at, fn)).length });
    }
  }
  return found;
}
function doesNothingElse(fn, own) {
  if (!isFunction(fn) || fn.body.type !== "BlockStatement" || fn.params.length < 2 || fn.params.length > 3)
    return false;
  const last = fn.params.at(-1);
  if (last?.type !== "Identifier" || !/^(?:next|done)$/.test(last.name)) return false;
  const inside = own.filter(({ at }) => isInside(at, fn));
  if (!inside.some(({ kind }) => kind === "context-stored")) return false;
  if (inside.some(({ kind }) => kind !== "context-stored" && kind !== "header-read" && kind !== "id-made"))
    return false;
  return fn.body.body.every((statement) => {
    if (isNextCall(statement, last.name)) return true;
    if (statement.type === "VariableDeclaration") {
      return statement.declarations.every(({ init }) => init && inside.some(({ at }) => isInside(at, init)));
    }
    if (statement.type !== "ExpressionStatement" || statement.expression.type !== "AssignmentExpression")
      return false;
    return inside.some(({ kind, at }) => kind === "context-stored" && at === statement.expression);
  });
}
function isNextCall(statement, next) {
  const expression = statement.type === "ExpressionStatement" ? statement.expression : statement.type === "ReturnStatement" ? statement.argument : void 0;
  if (!expression) return false;
  const call = bare(expression);
  return isCall(call) && call.callee.type === "Identifier" && call.callee.name === next && call.arguments.length === 0;
}
function storedNames(fn) {
  const names = [];
  const visit = (node) => {
    if (node.type === "AssignmentExpression" && isMember(node.left)) {
      const name = keyName(node.left);
      names.push(name !== void 0 && name.length > 4 ? name : void 0);
    }
    eachChild(node, visit);
  };
  visit(fn);
  return names;
}
function isReadElsewhere(scan2, name, fn, removals) {
  for (const file of scan2.codeBase.files) {
    const gone = (removals.get(file) ?? []).map(({ node }) => node);
    for (const node of file.scopes.nodes) {
      const named = isMember(node) && (keyName(node) === name || node.computed && node.property.type !== "NumericLiteral" && /^(?:req|request|ctx|locals|state)$/.test(lastName(node.object) ?? "")) || node.type === "ObjectProperty" && file.scopes.parentOf(node)?.type === "ObjectPattern" && keyName(node) === name || node.type === "StringLiteral" && node.value === name;
      if (named && !isInside(node, fn) && !gone.some((range) => isInside(node, range))) return true;
    }
  }
  return false;
}
function placesOf(file, fn) {
  const parent = file.scopes.parentOf(fn);
  if (isUse2(parent) && parent.arguments.length === 1) {
    const statement = file.scopes.parentOf(parent);
    return statement?.type === "ExpressionStatement" && isInBlock(file, statement) ? [statement] : void 0;
  }
  let binding;
  let declaration;
  if (fn.type === "FunctionDeclaration" && fn.id) {
    binding = file.scopes.bindings.find(({ identifier }) => identifier === fn.id);
    declaration = fn;
  } else if (parent?.type === "VariableDeclarator" && parent.id.type === "Identifier") {
    const { id } = parent;
    binding = file.scopes.bindings.find(({ identifier }) => identifier === id);
    declaration = file.scopes.parentOf(parent);
    if (declaration?.type !== "VariableDeclaration" || declaration.declarations.length !== 1)
      return void 0;
  }
  if (!binding || !declaration || !isInBlock(file, declaration) || binding.references.length === 0)
    return void 0;
  const uses = [];
  for (const reference of binding.references) {
    const call = file.scopes.parentOf(reference);
    const statement = call && file.scopes.parentOf(call);
    if (!isUse2(call) || call.arguments.length !== 1 || statement?.type !== "ExpressionStatement")
      return void 0;
    uses.push(statement);
  }
  return [declaration, ...uses];
}
function isUse2(node) {
  return isCall(node) && node.type === "CallExpression" && methodCall(node)?.method === "use";
}
function isInside(inner, outer) {
  return (inner.start ?? 0) >= (outer.start ?? 0) && (inner.end ?? 0) <= (outer.end ?? 0) && rangeOf(inner) !== void 0;
}
function rangeOf(node) {
  return node.start == null || node.end == null ? void 0 : { start: node.start, end: node.end };
}

// src/scan/report.ts
var schemaVersion = 1;
var titles = {
  "id-made": "id made",
  "header-read": "header read",
  "header-sent": "header sent",
  "header-returned": "header returned",
  logged: "id logged",
  "context-stored": "id stored",
  "context-read": "id read back",
  library: "package"
};
function summaryOf(findings) {
  const byKind = Object.fromEntries(Object.keys(replacements).map((kind) => [kind, 0]));
  for (const { kind } of findings) byKind[kind]++;
  return {
    findings: findings.length,
    inTests: findings.filter(({ inTest }) => inTest).length,
    files: new Set(findings.map(({ file }) => file)).size,
    removableLines: findings.reduce((sum, { removableLines }) => sum + removableLines, 0),
    byKind,
    headers: [...new Set(findings.flatMap(({ header }) => header === void 0 ? [] : [header]))].sort()
  };
}
function jsonReport(scan2) {
  return {
    schemaVersion,
    folder: scan2.folder,
    files: { ...scan2.files, unparsed: scan2.unparsed.length },
    summary: summaryOf(scan2.findings),
    findings: scan2.findings,
    unparsed: scan2.unparsed
  };
}
function printReport(scan2, io) {
  const { findings } = scan2;
  let file;
  for (const finding of findings) {
    if (finding.file !== file) {
      if (file !== void 0) io.out("");
      file = finding.file;
      io.out(io.style("bold", finding.inTest ? `${file} (test)` : file));
    }
    const place = `${finding.line}:${finding.column}`.padEnd(8);
    io.out(
      `  ${io.style("dim", place)} ${io.style("yellow", titles[finding.kind].padEnd(15))} ${finding.code.slice(0, 100)}`
    );
  }
  for (const { file: name, message } of scan2.unparsed) io.problem(`Not read: ${name}: ${message}`);
  const summary = summaryOf(findings);
  if (findings.length > 0) io.out("");
  const read = `${count(scan2.files.found, "file")}${scan2.files.skipped > 0 ? `, ${scan2.files.skipped} of them left out as generated, minified or too long` : ""}${scan2.unparsed.length > 0 ? `, ${scan2.unparsed.length} not readable` : ""}`;
  if (findings.length === 0) {
    io.out(`No trace ids by hand in ${read}.`);
    return;
  }
  io.out(
    io.style(
      "bold",
      `${count(summary.findings, "place")} in ${count(summary.files, "file")} (of ${read}); about ${count(summary.removableLines, "line")} can go.`
    )
  );
  if (summary.inTests > 0) io.out(`${summary.inTests} of them in tests.`);
  io.out("");
  io.out(io.style("bold", "What replaces them"));
  for (const kind of Object.keys(replacements)) {
    if (summary.byKind[kind] > 0)
      io.out(
        `  ${titles[kind].padEnd(15)} ${String(summary.byKind[kind]).padStart(4)}  ${replacements[kind]}`
      );
  }
  io.out("");
  io.out(io.style("bold", "Next"));
  const names = summary.headers.filter(
    (name) => /-/.test(name) && !/^(?:tracestate|x-b3-(?!traceid)|x-datadog-(?!trace-id)|x-ot-)/.test(name)
  );
  if (names.length > 0) {
    io.out(
      `  1. initObservability({ legacyTraceHeader: { name: [${names.map((name) => `'${name}'`).join(", ")}] } }): see docs/moving-over.md`
    );
    io.out("  2. throughline scan --fix --dry-run   shows what can be removed safely");
  } else {
    io.out("  1. initObservability(\u2026): see README.md");
    io.out("  2. throughline scan --fix --dry-run   shows what can be removed safely");
  }
}
function count(number, word) {
  return `${number} ${word}${number === 1 ? "" : "s"}`;
}

// src/cli/scan.ts
var usage = `throughline scan [folder] [options]

Lists where a code base (TypeScript, JavaScript) makes, reads, passes on, stores and logs trace ids by hand, what
replaces each place, and how many lines can go. node_modules, build output, generated files and what .gitignore
names are left out.

Options
  --header <name>      a header of your own that carries a trace id; can be repeated
  --json               the result as one JSON object (docs/scan.md)
  --fail-on-findings   exit with 1 when something was found, for CI
  --fix                removes what is safe to remove: shows a diff, then asks
    --dry-run          shows the diff only
    --yes              does not ask
  --help

Examples
  throughline scan
  throughline scan services/orders --header x-acme-flow
  throughline scan --fix --dry-run > removed.patch

Exit codes
  0  scanned
  1  something was found, and --fail-on-findings was given
  2  nothing was scanned, or --fix had nobody to ask or could not write a file`;
var scan = {
  name: "scan",
  summary: "Lists trace ids that are made, passed on and logged by hand, and removes the safe ones.",
  usage,
  async run(args, io) {
    const { values, positionals } = parseOptions(args, {
      header: { type: "string", multiple: true },
      json: { type: "boolean" },
      "fail-on-findings": { type: "boolean" },
      fix: { type: "boolean" },
      "dry-run": { type: "boolean" },
      yes: { type: "boolean", short: "y" }
    });
    if (positionals.length > 1) throw commandInvalid(`scan takes one folder, not also '${positionals[1]}'`);
    if (!values.fix && (values["dry-run"] || values.yes)) {
      throw commandInvalid(`${values.yes ? "--yes" : "--dry-run"} belongs to --fix`);
    }
    if (values["dry-run"] && values.yes)
      throw commandInvalid("--dry-run changes nothing, so --yes has no meaning");
    if (values.fix && values.json) throw commandInvalid("--json reports and --fix changes: give one of them");
    for (const name of values.header ?? []) {
      if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(name))
        throw commandInvalid(`'${name}' is no name of a header`);
    }
    const folder = resolve(io.folder, positionals[0] ?? ".");
    checkFolder(folder);
    const result = scanFolder(folder, values.header);
    if (values.fix) {
      const left = await fix(result, io, values["dry-run"] ? "show" : values.yes ? "write" : "ask");
      if (left === void 0) return exitCodes.failed;
      return values["fail-on-findings"] && left > 0 ? exitCodes.found : exitCodes.ok;
    }
    if (values.json) io.out(JSON.stringify(jsonReport(result), null, 2));
    else printReport(result, io);
    return values["fail-on-findings"] && result.findings.length > 0 ? exitCodes.found : exitCodes.ok;
  }
};
var scan_default = scan;
function checkFolder(folder) {
  let isFolder;
  try {
    isFolder = statSync2(folder, { throwIfNoEntry: false })?.isDirectory();
    if (isFolder) readdirSync2(folder);
  } catch (error) {
    throw commandInvalid(`'${folder}' cannot be read: ${problemOf(error)}`);
  }
  if (!isFolder) throw commandInvalid(`'${folder}' is no folder`);
}
async function fix(result, io, mode) {
  const plan = planFixes(result);
  const { fixes, refused } = plan;
  for (const name of refused)
    io.problem(`Left as it is, because the change could not be read again: ${name}`);
  if (fixes.length === 0) {
    io.problem(
      `Nothing can be removed safely; ${count(result.findings.length, "place")} to change by hand: throughline scan`
    );
    return result.findings.length;
  }
  for (const { diff } of fixes) printDiff(diff, io);
  io.problem("");
  explain(plan, io);
  if (mode === "show") return result.findings.length;
  if (mode === "ask") {
    const yes = await io.confirm(`Change ${count(fixes.length, "file")}?`);
    if (yes === void 0) {
      io.problem("There is no terminal to ask on: nothing was changed. Give --yes or --dry-run.");
      return void 0;
    }
    if (!yes) {
      io.problem("Nothing was changed.");
      return result.findings.length;
    }
  }
  const written = fixes.filter((one) => {
    const problem = write(one);
    if (problem !== void 0) io.problem(`Not written: ${one.name}: ${problem}`);
    return problem === void 0;
  });
  const fixed = written.reduce((sum, one) => sum + one.count, 0);
  io.problem(
    `Changed ${count(written.length, "file")}: ${fixed} of ${count(result.findings.length, "place")} removed. Run your tests and your formatter.`
  );
  return written.length < fixes.length ? void 0 : result.findings.length - fixed;
}
function write({ path, before, after }) {
  try {
    if (readFileSync2(path, "utf8") !== before) return "it has changed since it was read";
    writeFileSync(path, after);
    return void 0;
  } catch (error) {
    return problemOf(error);
  }
}
function explain({ headers }, io) {
  const names = headers.filter((name) => name.includes("-"));
  if (names.length === 0) return;
  io.problem(
    `Services that have not moved still need the old header. Throughline sends it with
  legacyTraceHeader: { name: [${names.map((name) => `'${name}'`).join(", ")}] }
`
  );
}
function printDiff(diff, io) {
  for (const line of diff.replace(/\n$/, "").split("\n")) {
    io.out(
      line.startsWith("-") ? io.style("red", line) : line.startsWith("+") ? io.style("green", line) : line
    );
  }
}
export {
  scan_default as default
};
//# sourceMappingURL=scan-QAMG6B65.js.map