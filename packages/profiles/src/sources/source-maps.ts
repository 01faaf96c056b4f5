import { open, readFile } from 'node:fs/promises';
import { findSourceMap } from 'node:module';
import { dirname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findMappings, type Mapping, type RawSourceMap } from './find-mappings.js';
import type { Frame } from './frame.js';

/** A place in the code that runs; line and column count from 1. */
export interface CodePosition extends Frame {
  readonly column: number;
}

/** The comment that names the map is the last line, or nearly. */
const tailBytes = 4_096;
/** A larger map would take longer to read than a service can be left waiting. */
const maxMapBytes = 16 * 1_048_576;
/** Functions that a service runs; beyond that, the oldest are looked up again. */
const maxKnown = 20_000;
const comment = /\/\/[#@] sourceMappingURL=(\S+)\s*$/;

/**
 * Leads from compiled code back to its source. A map is read when a profile has a new place in it, and not kept: what
 * it says about the places is.
 */
export class SourceMaps {
  private readonly known = new Map<string, Frame>();
  /** Files that have no map which can be used. */
  private readonly without = new Set<string>();

  async resolve(positions: readonly CodePosition[]): Promise<Frame[]> {
    const missing = new Map<string, CodePosition[]>();
    for (const position of positions) {
      if (this.known.has(keyOf(position)) || !this.mayHaveMap(position.file)) continue;
      const ofFile = missing.get(position.file);
      if (ofFile) ofFile.push(position);
      else missing.set(position.file, [position]);
    }
    await Promise.all([...missing].map(([file, wanted]) => this.learn(file, wanted)));
    return positions.map((position) => {
      const { name, file, line } = this.known.get(keyOf(position)) ?? position;
      return { name, file, line };
    });
  }

  private mayHaveMap(file: string): boolean {
    return isAbsolute(file) && !this.without.has(file);
  }

  private async learn(file: string, wanted: readonly CodePosition[]): Promise<void> {
    let frames: Frame[] | undefined;
    try {
      frames = await framesOf(file, wanted);
    } catch {
      // The map is not there or not valid. The frames then show the compiled code.
    }
    if (frames === undefined) {
      this.without.add(file);
      return;
    }
    for (const [index, position] of wanted.entries()) {
      if (this.known.size >= maxKnown) this.known.delete(this.known.keys().next().value as string);
      this.known.set(keyOf(position), frames[index] ?? position);
    }
  }
}

/** The sources of places in one file; undefined if the file has no map. */
async function framesOf(file: string, wanted: readonly CodePosition[]): Promise<Frame[] | undefined> {
  // Node has it already if the process was started with --enable-source-maps.
  const loaded = findSourceMap(file)?.payload as RawSourceMap | undefined;
  const found = loaded ? { map: loaded, folder: dirname(file) } : await readMapOf(file);
  if (found === undefined) return undefined;
  const { map, folder } = found;
  const mappings = findMappings(
    map.mappings ?? '',
    wanted.map(({ line, column }) => ({ line: line - 1, column: Math.max(0, column - 1) })),
  );
  return wanted.map((position, index) => frameOf(position, mappings[index], map, folder));
}

interface FoundMap {
  readonly map: RawSourceMap;
  /** Paths of sources are relative to it. */
  readonly folder: string;
}

async function readMapOf(file: string): Promise<FoundMap | undefined> {
  const url = comment.exec(await tailOf(file))?.[1];
  if (url === undefined) return undefined;
  if (url.startsWith('data:')) return { map: JSON.parse(await inlineMap(file)), folder: dirname(file) };
  const path = url.startsWith('file:') ? fileURLToPath(url) : resolve(dirname(file), decodeURI(url));
  return { map: JSON.parse(await readMap(path)), folder: dirname(path) };
}

async function tailOf(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const buffer = Buffer.alloc(Math.min(size, tailBytes));
    await handle.read(buffer, 0, buffer.length, size - buffer.length);
    const text = buffer.toString('utf8').trimEnd();
    // An inline map is longer than what was read: its beginning is not here.
    return text.includes('sourceMappingURL=') || size <= tailBytes ? text : await inlineComment(file, size);
  } finally {
    await handle.close();
  }
}

async function inlineComment(file: string, size: number): Promise<string> {
  if (size > maxMapBytes) return '';
  const text = await readFile(file, 'utf8');
  const start = text.lastIndexOf('sourceMappingURL=data:');
  return start === -1 ? '' : '//# sourceMappingURL=data:';
}

async function inlineMap(file: string): Promise<string> {
  const text = await readMap(file);
  const url = text.slice(text.lastIndexOf('sourceMappingURL=data:') + 'sourceMappingURL='.length).trim();
  const comma = url.indexOf(',');
  const data = url.slice(comma + 1);
  return url.slice(0, comma).endsWith(';base64')
    ? Buffer.from(data, 'base64').toString('utf8')
    : decodeURIComponent(data);
}

async function readMap(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    if (size > maxMapBytes) throw new Error('the source map is too large');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function frameOf(
  position: CodePosition,
  mapping: Mapping | undefined,
  { sources = [], sourceRoot = '', names = [] }: RawSourceMap,
  folder: string,
): Frame {
  const source = mapping && sources[mapping.source];
  if (mapping === undefined || typeof source !== 'string') return position;
  const given = sourceRoot === '' ? source : `${sourceRoot.replace(/\/$/, '')}/${source}`;
  const file = given.startsWith('file:')
    ? fileURLToPath(given)
    : /^[a-z][a-z+.-]+:/i.test(given)
      ? given
      : resolve(folder, given);
  // A minifier has shortened the name; code without a name has none in the source either.
  const original = mapping.name === undefined ? undefined : names[mapping.name];
  return { name: position.name === '' ? '' : (original ?? position.name), file, line: mapping.line + 1 };
}

function keyOf({ file, line, column, name }: CodePosition): string {
  return `${file}:${line}:${column}:${name}`;
}
