import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type express from 'express';
import { afterAll } from 'vitest';

export type Express = typeof express;

export interface ExpressCopy {
  readonly name: string;
  readonly express: Express;
  readonly major: 4 | 5;
  /** Whether its layers keep nothing of the path that they were mounted under. */
  readonly forgetsMountPaths: boolean;
}

const require = createRequire(import.meta.url);

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** The oldest and the newest Express of each major version, and for 5 also the versions of `router` between. */
export const expressCopies: readonly ExpressCopy[] = [
  { name: 'express 4.16.0', express: require('express4-oldest'), major: 4, forgetsMountPaths: false },
  { name: 'express 4.22.3', express: require('express4'), major: 4, forgetsMountPaths: false },
  {
    name: 'express 5.0.1 on router 2.0.0',
    express: installExpress('express5-oldest', 'router-oldest'),
    major: 5,
    forgetsMountPaths: true,
  },
  {
    name: 'express 5.3.0 on router 2.2.0',
    express: installExpress('express', 'router-before-raw-path'),
    major: 5,
    forgetsMountPaths: true,
  },
  { name: 'express 5.3.0 on router 2.3.0', express: require('express'), major: 5, forgetsMountPaths: false },
];

/**
 * Loads a separate copy of Express with the given version of `router`: in a folder as an installer
 * would leave it, because Express itself takes any 2.x.
 */
export function installExpress(expressPackage: string, routerPackage?: string): Express {
  const folderOfService = mkdtempSync(join(tmpdir(), 'throughline-express-'));
  folders.push(folderOfService);
  const modules = join(folderOfService, 'node_modules');
  mkdirSync(modules);
  const folder = packageFolder(expressPackage);
  cpSync(folder, join(modules, 'express'), { recursive: true });
  for (const dependency of readdirSync(dirname(folder))) {
    if (dependency === 'express' || dependency.startsWith('.')) continue;
    const target =
      dependency === 'router' && routerPackage
        ? packageFolder(routerPackage)
        : realpathSync(join(dirname(folder), dependency));
    symlinkSync(target, join(modules, dependency), 'dir');
  }
  return createRequire(join(modules, 'service.js'))('express');
}

function packageFolder(name: string): string {
  return realpathSync(join(import.meta.dirname, '..', 'node_modules', name));
}
