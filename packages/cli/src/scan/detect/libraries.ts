import { originsOf } from '../code/origins.js';
import { isCall, lastName, literalText, type Node } from '../code/syntax.js';
import type { CodePlace, Evidence } from './evidence.js';
import { statementAround } from './statement-around.js';

/** Packages whose only work is to make a request's id, keep it, or copy it to headers. */
const traceLibraries = new Set([
  'cls-rtracer',
  'correlation-id',
  '@vizydrop/correlation-id',
  'express-correlation-id',
  'express-mw-correlation-id',
  'express-request-id',
  'fastify-correlation-id',
  'hapi-request-id',
  'hono/request-id',
  'hpropagate',
  'koa-requestid',
  'koa-request-id',
  'koa-x-request-id',
  'request-id',
  '@eropple/nestjs-correlation-id',
  '@evanion/nestjs-correlation-id',
  '@nestified/correlation-id',
]);

export function isTraceLibrary(module: string): boolean {
  if (traceLibraries.has(module)) return true;
  const [first = '', second] = module.split('/');
  return traceLibraries.has(first.startsWith('@') ? `${first}/${second}` : first);
}

export function findLibraries(place: CodePlace, node: Node): Evidence[] {
  if (node.type === 'ImportDeclaration' && isTraceLibrary(node.source.value)) {
    return node.importKind === 'type' ? [] : [{ kind: 'library', at: node, removable: node }];
  }
  if (!isCall(node)) return [];
  const [argument] = node.arguments;
  if (lastName(node.callee) === 'require' && isTraceLibrary(literalText(argument) ?? '')) {
    return [{ kind: 'library', at: node, removable: statementAround(place, node) }];
  }
  // `app.use(rTracer.expressMiddleware())`
  if (/^(?:use|register|apply)$/.test(lastName(node.callee) ?? '')) {
    const used = node.arguments.find((value) => {
      const from = isCall(value) ? value.callee : value;
      if (literalText(from) !== undefined) return false;
      return originsOf(place.codeBase, place.file, from).some(
        (o) => 'module' in o && isTraceLibrary(o.module),
      );
    });
    if (used) return [{ kind: 'library', at: node, removable: statementAround(place, node) }];
  }
  return [];
}
