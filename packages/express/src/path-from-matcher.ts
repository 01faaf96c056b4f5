import { unknownPath } from './declared-path.js';
import type { Matcher } from './express-internals.js';

/** Templates of one layer: a path has only as many shapes as it has optional parts. */
const maxTemplates = 16;
const maxFailures = 8;
const maxProbedLength = 1024;
const maxLiteralLength = 256;
/** If a value occurs more often in the path, the search for the occurrence that is the parameter ends. */
const maxPlaces = 8;

/**
 * The versions 2.0 to 2.2 of `router` keep of a mount path only functions that match it. What such a function
 * takes for a parameter shows when parts of a matching path are replaced by words that occur nowhere else: `/orders/7` becomes `/orders/qzaqz`, which the function reports as `id`, so the template is
 * `/orders/:id`. A template is learned once for each shape; what cannot be established is {@link unknownPath}.
 *
 * @returns the template of what a layer matched of a path
 */
export function probeTemplates(matchers: readonly Matcher[]): (mountPath: string) => string {
  const learned = new Map<string, string>();
  let failures = 0;
  let lastPath: string | undefined;
  let lastTemplate = unknownPath;

  return (mountPath) => {
    if (mountPath === lastPath) return lastTemplate;
    lastTemplate = templateOf(mountPath);
    lastPath = mountPath;
    return lastTemplate;
  };

  function templateOf(mountPath: string): string {
    for (const [index, matcher] of matchers.entries()) {
      // The service's own expression. It has no template, and matching it would change its state (lastIndex).
      if (matcher.name === 'regexpMatcher') continue;
      const match = matcher(mountPath);
      if (!match || match.path !== mountPath) continue;
      const shape = `${index} ${shapeOf(mountPath, match.params)}`;
      const known = learned.get(shape);
      if (known !== undefined) return known;
      if (mountPath.length > maxProbedLength || failures >= maxFailures || learned.size >= maxTemplates) {
        return unknownPath;
      }
      const template = learnTemplate(matcher, mountPath, match.params);
      if (template === undefined) failures++;
      else learned.set(shape, template);
      return template ?? unknownPath;
    }
    return unknownPath;
  }
}

type Params = Readonly<Record<string, unknown>>;

/** The parameters and, if none of them matches several segments, the number of segments. */
function shapeOf(path: string, params: Params): string {
  const names = Object.keys(params);
  const segments = names.some((name) => Array.isArray(params[name])) ? '*' : path.split('/').length;
  return `${segments} ${names.join()}`;
}

function learnTemplate(matcher: Matcher, mountPath: string, params: Params): string | undefined {
  let path = mountPath;
  const words: Record<string, unknown> = { ...params };
  const names = new Map<string, string>();
  for (const [name, value] of Object.entries(params)) {
    const word = unusedWord(mountPath, names.size);
    const replaced = replacements(path, value, word).find((candidate) =>
      takes(matcher, candidate, { ...words, [name]: word }),
    );
    if (replaced === undefined) return undefined;
    path = replaced;
    words[name] = word;
    names.set(word, `${Array.isArray(value) ? '*' : ':'}${name}`);
  }
  if (!isFixed(matcher, path, [...names.keys()])) return undefined;
  for (const [word, parameter] of names) path = path.replace(word, () => parameter);
  return path;
}

/** Letters only, so that it also works next to `-` or `.` in a segment: `/:from-:to`. */
function unusedWord(path: string, index: number): string {
  const letter = String.fromCharCode(97 + (index % 26));
  let word = `qz${letter.repeat(1 + Math.floor(index / 26))}qz`;
  while (path.includes(word)) word = `q${word}z`;
  return word;
}

/** The path with the word at each place that may be the value of a parameter. */
function replacements(path: string, value: unknown, word: string): string[] {
  const parts = (Array.isArray(value) ? value : [value]).map(String);
  const found: string[] = [];
  const segments = path.split('/');
  for (let start = 1; start + parts.length <= segments.length && found.length < maxPlaces; start++) {
    if (!parts.every((part, i) => decoded(segments[start + i] ?? '') === part)) continue;
    found.push(segments.toSpliced(start, parts.length, word).join('/'));
  }
  for (const raw of new Set([parts.join('/'), parts.map(encodeURIComponent).join('/')])) {
    if (raw === '') continue;
    for (let at = path.indexOf(raw, 1); at !== -1 && found.length < 2 * maxPlaces; ) {
      found.push(path.slice(0, at) + word + path.slice(at + raw.length));
      at = path.indexOf(raw, at + 1);
    }
  }
  return found;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** Whether the matcher takes the whole path, with exactly these parameters. */
function takes(matcher: Matcher, path: string, params: Params): boolean {
  const match = matcher(path);
  return (
    match !== false &&
    match.path === path &&
    Object.keys(match.params).length === Object.keys(params).length &&
    Object.entries(params).every(([name, value]) => String(match.params[name]) === String(value))
  );
}

/** Whether every letter and digit next to the words is fixed. If not, it is part of a value. */
function isFixed(matcher: Matcher, path: string, words: readonly string[]): boolean {
  const literal = words.reduce((rest, word) => rest.replace(word, '/'.repeat(word.length)), path);
  if (literal.replaceAll('/', '').length > maxLiteralLength) return false;
  for (let i = 0; i < literal.length; i++) {
    const other = neighbour(literal.charCodeAt(i));
    if (other === undefined) continue;
    const changed = path.slice(0, i) + other + path.slice(i + 1);
    const match = matcher(changed);
    if (match && match.path === changed) return false;
  }
  return true;
}

/** Another character of the same kind. */
function neighbour(code: number): string | undefined {
  if (code >= 48 && code <= 57) return String.fromCharCode(48 + ((code - 47) % 10));
  const isLetter = (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
  if (!isLetter) return undefined;
  return code === 122 || code === 90 ? String.fromCharCode(code - 25) : String.fromCharCode(code + 1);
}
