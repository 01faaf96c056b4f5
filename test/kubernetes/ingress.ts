import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Issued } from './certificates.js';
import { find, type Ingress, type KubernetesObject, valuesOf } from './manifests.js';

/**
 * The server that the NGINX Ingress Controller makes of an Ingress with one rule and these annotations.
 * https://docs.nginx.com/nginx-ingress-controller/configuration/ingress-resources/advanced-configuration-with-annotations/
 */
export function serverOf(
  ingress: Ingress,
  objects: readonly KubernetesObject[],
  {
    port,
    tls,
    upstream,
    folder,
  }: {
    readonly port: number;
    /** What the Secret of the Ingress would have. */
    readonly tls: Issued;
    /** Where the Service of the Ingress is, as `host:port`. */
    readonly upstream: string;
    readonly folder: string;
  },
): string {
  const annotations = ingress.metadata.annotations ?? {};
  const annotation = (name: string) => {
    const value = annotations[`nginx.org/${name}`];
    if (value === undefined) throw new Error(`The Ingress has no annotation nginx.org/${name}.`);
    return value;
  };
  const [rule] = ingress.spec.rules;
  const [path] = rule?.http.paths ?? [];
  if (!rule || !path) throw new Error('The Ingress has no path.');
  const rewrite = /^serviceName=(\S+) rewrite=(\S+)$/.exec(annotation('rewrites'));
  if (rewrite?.[1] !== path.backend.service.name) throw new Error('The annotation rewrites another service.');

  const users = join(folder, 'users');
  writeFileSync(users, valuesOf(find(objects, 'Secret', annotation('basic-auth-secret'))).htpasswd ?? '');
  return `server {
    listen 127.0.0.1:${port} ssl;
    server_name ${rule.host};
    ssl_certificate ${tls.certificateFile};
    ssl_certificate_key ${tls.keyFile};
    client_max_body_size ${annotation('client-max-body-size')};
    auth_basic "${annotation('basic-auth-realm')}";
    auth_basic_user_file ${users};
    location ${path.path} {
      proxy_pass http://${upstream}${rewrite[2]};
    }
  }`;
}
