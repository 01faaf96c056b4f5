import type { Frame } from './frame.js';
import type { SourceMaps } from './source-maps.js';

/** A place in the code that runs, as the engine names it. */
interface EnginePosition {
  file?: string | undefined;
  line?: number | undefined;
  column?: number | undefined;
  name?: string | undefined;
}

/**
 * Stands in for the engine's own source mapper, which reads all maps of a folder into memory at start. This one only
 * numbers the places that occur in a profile; their sources are looked up afterwards, without blocking the service.
 */
export class Positions {
  private readonly known = new Map<string, number>();
  private readonly all: EnginePosition[] = [];

  constructor(private readonly maps: SourceMaps) {}

  /** Called by the engine for each place. The line of the answer is the number of the place, from 1 on. */
  mappingInfo(position: EnginePosition): EnginePosition {
    const key = `${position.file}:${position.line}:${position.column}:${position.name}`;
    let number = this.known.get(key);
    if (number === undefined) {
      number = this.all.push({ ...position });
      this.known.set(key, number);
    }
    return { ...position, line: number, column: 0 };
  }

  resolve(): Promise<Frame[]> {
    return this.maps.resolve(
      this.all.map(({ file = '', line = 0, column = 0, name = '' }) => ({ file, line, column, name })),
    );
  }
}
