import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { StackProfile } from '../profiler/profile.js';
import type { Frame } from '../sources/frame.js';

/** A profile as Chrome and VS Code open it: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfileFile {
  readonly nodes: readonly CpuProfileNode[];
  /** In microseconds. */
  readonly startTime: number;
  readonly endTime: number;
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CpuProfileNode {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly scriptId: string;
    readonly url: string;
    /** From 0. */
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  hitCount: number;
  readonly children: number[];
}

const root: Frame = { name: '(root)', file: '', line: 0 };
const idle: Frame = { name: '(idle)', file: '', line: 0 };

/** The samples in the order in which they were taken. Gaps between them show as idle time. */
export function cpuProfileFile({ samples, startMillis, endMillis, period }: StackProfile): CpuProfileFile {
  const tree = new Tree();
  const startTime = startMillis * 1_000;
  const endTime = endMillis * 1_000;
  const intervalMicros = period / 1_000;
  const ids: number[] = [];
  const timeDeltas: number[] = [];
  let lastTime = startTime;
  const add = (id: number, time: number) => {
    ids.push(id);
    timeDeltas.push(Math.max(0, time - lastTime));
    lastTime = Math.max(lastTime, time);
  };
  const timed = samples
    .flatMap(({ stack, timeMicros }) => (timeMicros === undefined ? [] : { stack, timeMicros }))
    .sort((a, b) => a.timeMicros - b.timeMicros);
  const idleId = tree.hit([idle]);
  for (const { stack, timeMicros } of timed) {
    if (timeMicros - lastTime > 2 * intervalMicros) add(idleId, lastTime + intervalMicros);
    add(tree.hit(stack), timeMicros);
  }
  return { nodes: tree.nodes, startTime, endTime: Math.max(endTime, lastTime), samples: ids, timeDeltas };
}

class Tree {
  readonly nodes: CpuProfileNode[] = [];
  private readonly known = new Map<string, number>();

  constructor() {
    this.add(root);
  }

  /** @returns the id of the running function, the first of the stack */
  hit(stack: readonly Frame[]): number {
    let parent = 1;
    for (let i = stack.length - 1; i >= 0; i--) {
      const frame = stack[i] as Frame;
      const key = `${parent}\n${frame.name}\n${frame.line}\n${frame.file}`;
      let id = this.known.get(key);
      if (id === undefined) {
        id = this.add(frame);
        this.known.set(key, id);
        this.nodes[parent - 1]?.children.push(id);
      }
      parent = id;
    }
    const node = this.nodes[parent - 1];
    if (node) node.hitCount++;
    return parent;
  }

  private add({ name, file, line }: Frame): number {
    const id = this.nodes.length + 1;
    this.nodes.push({
      id,
      callFrame: {
        functionName: name === '(anonymous)' ? '' : name,
        scriptId: '0',
        url: isAbsolute(file) ? pathToFileURL(file).href : file,
        lineNumber: line - 1,
        columnNumber: -1,
      },
      hitCount: 0,
      children: [],
    });
    return id;
  }
}
