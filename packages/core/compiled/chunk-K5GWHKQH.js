import {
  nearestName
} from "./chunk-M47XFLI6.js";

// src/model/identity.ts
import { readFileSync } from "fs";
import { hostname } from "os";
import { dirname, join } from "path";
import { isMainThread, threadId } from "worker_threads";
var labelByAttribute = {
  "service.name": "service_name",
  "service.namespace": "service_namespace",
  "service.version": "service_version",
  "deployment.environment.name": "deployment_environment_name",
  team: "team"
};
var identityLabelOf = {
  serviceName: labelByAttribute["service.name"],
  serviceNamespace: labelByAttribute["service.namespace"],
  serviceVersion: labelByAttribute["service.version"],
  environment: labelByAttribute["deployment.environment.name"],
  team: labelByAttribute.team
};
function resolveIdentity(options, environment, servicePackage = {}) {
  const given = options.resourceAttributes ?? {};
  const serviceName = options.serviceName ?? given["service.name"] ?? servicePackage.name ?? "unknown_service:node";
  const serviceNamespace = options.serviceNamespace ?? given["service.namespace"];
  const serviceVersion = options.serviceVersion ?? given["service.version"] ?? servicePackage.version;
  const deploymentEnvironment = options.environment ?? given["deployment.environment.name"] ?? given["deployment.environment"] ?? (environment.NODE_ENV || void 0);
  const team = options.team ?? given.team;
  const thread = isMainThread ? "" : `:${threadId}`;
  const instanceId = given["service.instance.id"] ?? `${given["k8s.pod.name"] ?? hostname()}:${process.pid}${thread}`;
  const { "deployment.environment": _older, ...rest } = given;
  const resourceAttributes = {
    ...rest,
    "service.name": serviceName,
    "service.instance.id": instanceId
  };
  if (serviceNamespace) resourceAttributes["service.namespace"] = serviceNamespace;
  if (serviceVersion) resourceAttributes["service.version"] = serviceVersion;
  if (deploymentEnvironment) resourceAttributes["deployment.environment.name"] = deploymentEnvironment;
  if (team) resourceAttributes.team = team;
  return {
    serviceName,
    serviceNamespace,
    serviceVersion,
    environment: deploymentEnvironment,
    team,
    instanceId,
    resourceAttributes
  };
}
function identityLabels(identity) {
  const labels = {};
  for (const [attribute, label] of Object.entries(labelByAttribute)) {
    const value = identity.resourceAttributes[attribute];
    if (value !== void 0) labels[label] = value;
  }
  return labels;
}
function readServicePackage(entryFile) {
  let folder = entryFile ? dirname(entryFile) : process.cwd();
  for (; ; ) {
    try {
      const { name, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      if (typeof name === "string" && name !== "") {
        return { name, version: typeof version === "string" ? version : void 0 };
      }
    } catch {
    }
    const parent = dirname(folder);
    if (parent === folder) return {};
    folder = parent;
  }
}

// src/model/checked-object.ts
function checkMembers(value, path, known, invalid) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalid(`${path} takes an object`);
  }
  for (const name of Object.keys(value)) {
    if (known.includes(name)) continue;
    const nearest = nearestName(name, known);
    const hint = nearest === void 0 ? `it takes ${known.join(", ")}` : `did you mean '${nearest}'?`;
    throw invalid(`${path} has no member '${name}'; ${hint}`);
  }
  return value;
}
function deepFrozen(value) {
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) deepFrozen(member);
  }
  return Object.freeze(value);
}

export {
  checkMembers,
  deepFrozen,
  identityLabelOf,
  resolveIdentity,
  identityLabels,
  readServicePackage
};
//# sourceMappingURL=chunk-K5GWHKQH.js.map