import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ValidateFunction } from 'ajv';
import { parse } from 'yaml';
import type { KubernetesObject } from './manifests.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly [key: string]: unknown;
}
interface OpenApi {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface ResourceDefinition {
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/**
 * Checks objects as `kubectl apply --validate=strict` does: by the published schemas, and what these do not know is
 * wrong.
 *
 * @param folder has the schemas: see testbed/src/kubernetes-schemas.mjs
 * @returns gives what is wrong with an object
 */
export function createValidator(folder: string): (object: KubernetesObject) => string[] {
  const checks = new Map<string, ValidateFunction>();
  const read = (file: string) => readFileSync(join(folder, file), 'utf8');

  function schemaOf({ apiVersion, kind }: KubernetesObject): Schema {
    if (apiVersion === 'monitoring.coreos.com/v1') return resourceSchema(kind, apiVersion);
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const { components } = JSON.parse(
      read(group ? `apis__${group}__${version}_openapi.json` : `api__${version}_openapi.json`),
    ) as OpenApi;
    const found = Object.entries(components.schemas).find(([, schema]) =>
      (schema['x-kubernetes-group-version-kind'] as Record<string, string>[] | undefined)?.some(
        (known) => known.group === group && known.version === version && known.kind === kind,
      ),
    );
    if (!found) throw new Error(`${apiVersion} has no ${kind}.`);
    return { $ref: `#/components/schemas/${found[0]}`, components: strict(components) as Schema };
  }

  function resourceSchema(kind: string, apiVersion: string): Schema {
    const definition = parse(read(`monitoring.coreos.com_${kind.toLowerCase()}s.yaml`)) as ResourceDefinition;
    const version = definition.spec.versions.find(({ name }) => apiVersion.endsWith(`/${name}`));
    if (!version) throw new Error(`${apiVersion} has no ${kind}.`);
    // What a definition leaves open is an object's metadata, which is the same for all.
    const { components } = JSON.parse(read('api__v1_openapi.json')) as OpenApi;
    const schema = strict(version.schema.openAPIV3Schema) as Schema;
    const metadata = { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta' };
    return {
      ...schema,
      properties: { ...schema.properties, metadata },
      components: strict(components) as Schema,
    };
  }

  return (object) => {
    const key = `${object.apiVersion} ${object.kind}`;
    let check = checks.get(key);
    if (!check) {
      // The schemas have keywords of Kubernetes' own (x-kubernetes-…), and formats that say how a number is stored.
      const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
      check = ajv.compile(schemaOf(object));
      checks.set(key, check);
    }
    if (check(object)) return [];
    return (check.errors ?? []).map(({ instancePath, message, params }) =>
      `${instancePath} ${message} ${JSON.stringify(params)}`.trim(),
    );
  };
}

/** Closes every object that has a list of properties: a name that is not in it is a mistake. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const copy = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, strict(value)]));
  const isClosed =
    isSchema(node) &&
    !('additionalProperties' in node) &&
    node['x-kubernetes-preserve-unknown-fields'] !== true;
  return isClosed ? { ...copy, additionalProperties: false } : copy;
}

/** A property may itself be named `properties`. */
function isSchema(node: object): node is Schema {
  const { properties, type, description } = node as Record<string, unknown>;
  return (
    typeof properties === 'object' &&
    properties !== null &&
    (typeof type === 'string' || typeof description === 'string')
  );
}
