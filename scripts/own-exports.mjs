/**
 * A plugin of tsup for the helper that esbuild writes into CommonJS files: it defines the exports in a loop over `for …
 * in`, which fails when a service has put something on `Object.prototype` before it loads the file.
 */
export const ownExports = {
  name: 'own-exports',
  renderChunk(code) {
    if (!code.includes('var __export =')) return undefined;
    // Its names have a number where the code has the same ones.
    const safe = code.replace(
      /(?<=var __export = \(\w+, \w+\) => \{\s*)for \(var (\w+) in (\w+)\)/,
      'for (var $1 of Object.keys($2))',
    );
    if (safe === code) throw new Error('The helper __export of esbuild is written in another way now.');
    return { code: safe };
  },
};
