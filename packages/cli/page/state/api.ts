/** Reads from the API of the command. Throws with the message of the answer. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answered(await fetch(`api/${path}`, signal ? { signal } : {}));
}

export async function answered<T>(response: Response): Promise<T> {
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? `The answer is ${response.status}.`);
  return body as T;
}

/** A path of the API with its query. Undefined and empty values are left out. */
export function apiPath(
  path: string,
  query: Readonly<Record<string, string | number | undefined | null>>,
): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === null || value === '' ? [] : [[name, String(value)]],
  );
  return `${path}?${new URLSearchParams(given)}`;
}
