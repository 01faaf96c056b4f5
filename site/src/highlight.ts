import highlighter from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import ini from 'highlight.js/lib/languages/ini';
import json from 'highlight.js/lib/languages/json';
import shell from 'highlight.js/lib/languages/shell';
import typescript from 'highlight.js/lib/languages/typescript';
import yaml from 'highlight.js/lib/languages/yaml';
import { escaped } from './html.js';

const byName = {
  ...{ ts: typescript, js: typescript, typescript, javascript: typescript, tsx: typescript, mjs: typescript },
  ...{ sh: bash, bash, console: shell, json, yaml, yml: yaml, dockerfile, ini },
};
for (const [name, language] of Object.entries(byName)) highlighter.registerLanguage(name, language);

/** Code as HTML. A language that is not known here is shown in one colour. */
export function highlighted(code: string, language: string): string {
  if (!Object.hasOwn(byName, language)) return escaped(code);
  return highlighter.highlight(code, { language }).value;
}
