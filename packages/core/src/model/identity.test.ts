import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../test/temporary-folder.js';
import { resolveOptions } from '../options/resolve.js';
import { identityLabels, readServicePackage, resolveIdentity } from './identity.js';

const identityOf = (code: object, environment: Record<string, string> = {}, servicePackage = {}) =>
  resolveIdentity(resolveOptions(code, environment).options, environment, servicePackage);

test('option, OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES and package.json, in this order', () => {
  const attributes = { OTEL_RESOURCE_ATTRIBUTES: 'service.name=attribute,service.version=2,team=blue' };
  const fromPackage = { name: 'package', version: '1.0.0' };
  expect(identityOf({}, {}, {}).serviceName).toBe('unknown_service:node');
  expect(identityOf({}, {}, fromPackage)).toMatchObject({ serviceName: 'package', serviceVersion: '1.0.0' });
  expect(identityOf({}, attributes, fromPackage)).toMatchObject({
    serviceName: 'attribute',
    serviceVersion: '2',
    team: 'blue',
  });
  const named = { ...attributes, OTEL_SERVICE_NAME: 'variable' };
  expect(identityOf({}, named, fromPackage).serviceName).toBe('variable');
  expect(identityOf({ serviceName: 'option' }, named, fromPackage).serviceName).toBe('option');
});

test('the environment comes from the option, either attribute name, or NODE_ENV', () => {
  expect(identityOf({}, { NODE_ENV: 'test' }).environment).toBe('test');
  const older = { NODE_ENV: 'test', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=staging' };
  expect(identityOf({}, older).environment).toBe('staging');
  expect(identityOf({}, older).resourceAttributes).not.toHaveProperty(['deployment.environment']);
  const newer = { OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=a,deployment.environment=b' };
  expect(identityOf({}, newer).environment).toBe('a');
  expect(identityOf({ environment: 'production' }, newer).environment).toBe('production');
});

test('labels have the names that Prometheus and Loki derive, and only those that are set', () => {
  const identity = identityOf({ serviceName: 's', team: 't', environment: 'e', serviceNamespace: 'n' });
  expect(identityLabels(identity)).toEqual({
    service_name: 's',
    service_namespace: 'n',
    deployment_environment_name: 'e',
    team: 't',
  });
});

test('further attributes reach the resource, and the instance is pod or host, and process', () => {
  const identity = identityOf({}, { OTEL_RESOURCE_ATTRIBUTES: 'k8s.pod.name=orders-7d4' });
  expect(identity.resourceAttributes).toMatchObject({ 'k8s.pod.name': 'orders-7d4' });
  expect(identity.instanceId).toBe(`orders-7d4:${process.pid}`);
});

test('the nearest package.json that has a name counts', () => {
  const root = temporaryFolder('throughline-identity-');
  mkdirSync(join(root, 'dist', 'bin'), { recursive: true });
  writeFileSync(join(root, 'package.json'), '{"name":"orders","version":"3.1.4"}');
  writeFileSync(join(root, 'dist', 'package.json'), '{"type":"module"}');
  writeFileSync(join(root, 'dist', 'bin', 'package.json'), 'not json');
  expect(readServicePackage(join(root, 'dist', 'bin', 'main.js'))).toEqual({
    name: 'orders',
    version: '3.1.4',
    folder: root,
  });
});

test('a folder that is started as a whole, as by `node .`, is the service', () => {
  const root = temporaryFolder('throughline-identity-');
  mkdirSync(join(root, 'orders'));
  writeFileSync(join(root, 'package.json'), '{"name":"shop"}');
  writeFileSync(join(root, 'orders', 'package.json'), '{"name":"orders"}');
  expect(readServicePackage(join(root, 'orders')).name).toBe('orders');
});

test('a command that is a link belongs to the service that it leads to', () => {
  const root = temporaryFolder('throughline-identity-');
  const commands = temporaryFolder('throughline-identity-');
  writeFileSync(join(root, 'package.json'), '{"name":"orders","version":"3.1.4"}');
  writeFileSync(join(root, 'server.js'), '');
  symlinkSync(join(root, 'server.js'), join(commands, 'orders'));
  expect(readServicePackage(join(commands, 'orders'))).toEqual({
    name: 'orders',
    version: '3.1.4',
    folder: root,
  });
});
