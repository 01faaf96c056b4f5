import MiniSearch from 'minisearch';
import type { SearchEntry } from '../src/search-entries.js';

declare global {
  var throughlineSearchEntries: readonly SearchEntry[] | undefined;
}

const maxResults = 20;
let index: Promise<(query: string) => readonly SearchEntry[]> | undefined;

/** Opens the search. What is searched is loaded when it is opened first. */
export async function openSearch(): Promise<void> {
  const dialog = document.getElementById('search') as HTMLDialogElement;
  const input = dialog.querySelector('input') as HTMLInputElement;
  if (dialog.open) return;
  dialog.showModal();
  input.select();
  if (dialog.dataset.ready !== undefined) return;
  dialog.dataset.ready = '';
  const list = dialog.querySelector('ol') as HTMLOListElement;
  index ??= loadEntries().then(searcher);
  const find = await index;
  const show = () => showResults(list, find(input.value), input.value, dialog.dataset.nothing ?? '');
  input.addEventListener('input', show);
  input.addEventListener('keydown', (event) => chooseByKey(event, list));
  dialog.addEventListener('click', (event) => {
    // Outside of the dialog, or on a link to a section of the same page.
    if (event.target === dialog || (event.target as Element).closest('a')) dialog.close();
  });
  show();
}

function loadEntries(): Promise<readonly SearchEntry[]> {
  return new Promise((resolve) => {
    const script = document.createElement('script');
    script.src = `${rootOfSite()}assets/search.js`;
    script.addEventListener('load', () => resolve(globalThis.throughlineSearchEntries ?? []));
    document.head.append(script);
  });
}

function rootOfSite(): string {
  return document.documentElement.dataset.root ?? '';
}

function searcher(entries: readonly SearchEntry[]): (query: string) => readonly SearchEntry[] {
  const { lang } = document.documentElement;
  // A translated page is found in its language, and English where there is no translation.
  const searched = entries.filter(({ language }) => language === lang || language === 'en');
  const search = new MiniSearch({
    fields: ['heading', 'page', 'text'],
    searchOptions: {
      // A Korean word is followed by its particle, so a word is found by its beginning.
      prefix: true,
      fuzzy: (term) => (term.length > 4 ? 0.2 : 0),
      boost: { heading: 4, page: 2 },
      combineWith: 'AND',
      // The members of types repeat what the options say.
      boostDocument: (id) =>
        (searched[id]?.language === lang ? 2 : 1) *
        (searched[id]?.url.startsWith('reference/api.html') ? 0.5 : 1),
    },
  });
  search.addAll(searched.map((entry, id) => ({ ...entry, id })));
  return (query) =>
    search
      .search(query)
      .slice(0, maxResults)
      .flatMap(({ id }) => searched[id] ?? []);
}

function showResults(
  list: HTMLOListElement,
  results: readonly SearchEntry[],
  query: string,
  nothing: string,
): void {
  const words = query
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
  list.replaceChildren(
    ...results.map((entry, at) => {
      const link = document.createElement('a');
      link.href = rootOfSite() + entry.url;
      const title = document.createElement('strong');
      title.textContent = entry.heading === '' ? entry.page : `${entry.page} › ${entry.heading}`;
      const text = document.createElement('span');
      text.append(...excerpt(entry.text, words));
      link.append(title, text);
      const item = document.createElement('li');
      item.setAttribute('role', 'option');
      item.setAttribute('aria-selected', String(at === 0));
      item.append(link);
      return item;
    }),
  );
  if (results.length === 0 && words.length > 0) {
    const item = document.createElement('li');
    item.className = 'nothing';
    item.textContent = nothing;
    list.append(item);
  }
}

/** The text around the first word that was searched for, with the words marked. */
function excerpt(text: string, words: readonly string[]): (string | Node)[] {
  const lower = text.toLowerCase();
  const places = words.map((word) => lower.indexOf(word)).filter((place) => place >= 0);
  const start = Math.max(0, Math.min(...(places.length > 0 ? places : [0])) - 40);
  const shown = `${start > 0 ? '… ' : ''}${text.slice(start, start + 180)}${text.length > start + 180 ? ' …' : ''}`;
  if (words.length === 0) return [shown];
  const pattern = new RegExp(`(${words.join('|')})`, 'giu');
  return shown.split(pattern).map((part, at) => {
    if (at % 2 === 0) return part;
    const mark = document.createElement('mark');
    mark.textContent = part;
    return mark;
  });
}

function chooseByKey(event: KeyboardEvent, list: HTMLOListElement): void {
  const items = Array.from(list.querySelectorAll<HTMLElement>('[role=option]'));
  const at = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (event.key === 'Enter') {
    event.preventDefault();
    items[at]?.querySelector('a')?.click();
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    const next = items[at + (event.key === 'ArrowDown' ? 1 : -1)];
    if (!next) return;
    items[at]?.setAttribute('aria-selected', 'false');
    next.setAttribute('aria-selected', 'true');
    next.scrollIntoView({ block: 'nearest' });
  }
}
