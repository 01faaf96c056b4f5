import { type ParserPlugin, parse } from '@babel/parser';
import type * as t from '@babel/types';

const common: ParserPlugin[] = ['decorators-legacy', 'explicitResourceManagement', 'sourcePhaseImports'];

/**
 * The syntax tree of a file. What its name says about types and JSX is believed first; a `.js` file with JSX or
 * Flow types, as build tools allow, is read as such.
 *
 * @throws the parser's error when nothing can read it
 */
export function parseCode(path: string, text: string): t.File {
  const extension = path.slice(path.lastIndexOf('.') + 1);
  const dialects: ParserPlugin[][] =
    extension === 'ts' || extension === 'mts' || extension === 'cts'
      ? [['typescript']]
      : extension === 'tsx'
        ? [['typescript', 'jsx']]
        : [['jsx'], ['jsx', ['flow', { all: true }]], ['jsx', 'typescript']];
  let first: unknown;
  for (const dialect of dialects) {
    try {
      return parse(text, {
        sourceType: 'unambiguous',
        allowReturnOutsideFunction: true,
        allowAwaitOutsideFunction: true,
        allowImportExportEverywhere: true,
        allowSuperOutsideMethod: true,
        allowUndeclaredExports: true,
        attachComment: false,
        plugins: [...dialect, ...common],
      });
    } catch (error) {
      first ??= error;
    }
  }
  throw first;
}
