import { useEffect, useRef, useState } from 'preact/hooks';
import type { ChangeEvent } from '../../src/dev/model/api.js';
import { getJson } from './api.js';
import { changes, isPaused } from './live.js';

export interface Loaded<T> {
  readonly answer: T | undefined;
  readonly error: string | undefined;
}

/** What is shown is asked for at most so often. */
const minIntervalMillis = 1_000;

/**
 * What a path of the API answers, asked again whenever something of these kinds has changed, or when the path is another
 * one. While the answer is on its way, the last answer of the same path stays.
 */
export function useLive<T>(path: string | undefined, kinds: readonly (keyof ChangeEvent)[]): Loaded<T> {
  const [loaded, setLoaded] = useState<Loaded<T> & { readonly path: string | undefined }>({
    ...{ answer: undefined, error: undefined, path },
  });
  const asked = useRef({ path: '', atMillis: 0 });
  const revision = kinds.map((kind) => changes.value?.[kind] ?? 0).join(' ');
  const paused = isPaused.value;
  useEffect(() => {
    if (path === undefined) return;
    const isNew = asked.current.path !== path;
    if (paused && !isNew) return;
    const waitMillis = isNew ? 0 : Math.max(0, asked.current.atMillis + minIntervalMillis - Date.now());
    const stopping = new AbortController();
    const timer = setTimeout(() => {
      asked.current = { path, atMillis: Date.now() };
      getJson<T>(path, stopping.signal).then(
        (answer) => setLoaded({ answer, error: undefined, path }),
        (error: Error) => {
          if (!stopping.signal.aborted) setLoaded({ answer: undefined, error: error.message, path });
        },
      );
    }, waitMillis);
    return () => {
      clearTimeout(timer);
      // An answer to the same question is as good, though it is not the newest.
      if (asked.current.path !== path) stopping.abort();
    };
  }, [path, revision, paused]);
  return loaded.path === path ? loaded : { answer: undefined, error: undefined };
}
