/*
 * What the pages do in a browser: light and dark, the menu of a narrow window, copying of code, and the search. It is a
 * classic script and loads nothing with fetch, so that everything works on pages that are opened from a folder.
 */
import { openSearch } from './search.js';
import { followTheme, toggleTheme } from './theme.js';

// Before the first drawing.
followTheme();

document.addEventListener('DOMContentLoaded', () => {
  const button = (name: string) => document.querySelector<HTMLButtonElement>(`header button.${name}`);
  button('theme')?.addEventListener('click', toggleTheme);
  button('search')?.addEventListener('click', openSearch);
  const menu = button('menu');
  menu?.addEventListener('click', () => {
    menu.setAttribute('aria-expanded', String(document.body.classList.toggle('menu-open')));
  });
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if ((event.key === '/' && !isTyping) || (event.key === 'k' && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      openSearch();
    }
  });
  showCurrentPage();
  addCopyButtons();
  letKeysScroll();
  markCurrentSection();
});

/** The navigation is longer than the window. */
function showCurrentPage(): void {
  const navigation = document.querySelector('nav.pages');
  const current = navigation?.querySelector<HTMLElement>('[aria-current]');
  if (navigation && current) navigation.scrollTop = current.offsetTop - navigation.clientHeight / 2;
}

function addCopyButtons(): void {
  const { copy = '', copied = '' } = document.getElementById('search')?.dataset ?? {};
  for (const block of document.querySelectorAll('pre')) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = copy;
    button.addEventListener('click', async () => {
      try {
        await navigator.clipboard.writeText(block.querySelector('code')?.textContent ?? '');
      } catch {
        // Some browsers refuse it for files. Then the reader copies what is selected.
        getSelection()?.selectAllChildren(block);
        return;
      }
      button.textContent = copied;
      setTimeout(() => {
        button.textContent = copy;
      }, 1_500);
    });
    const frame = document.createElement('div');
    frame.className = 'code';
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

/** What is wider than its place scrolls with the arrow keys as well. */
function letKeysScroll(): void {
  for (const element of document.querySelectorAll<HTMLElement>('article :is(pre, .table)'))
    if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
}

/** In the list of contents, the section that is being read. */
function markCurrentSection(): void {
  const links = new Map(
    Array.from(document.querySelectorAll<HTMLAnchorElement>('nav.contents a'), (link) => [
      decodeURIComponent(link.hash.slice(1)),
      link,
    ]),
  );
  const headings = Array.from(document.querySelectorAll<HTMLElement>('article :is(h2, h3)')).filter(
    ({ id }) => links.has(id),
  );
  if (headings.length === 0) return;
  const mark = () => {
    const current = headings.findLast((heading) => heading.getBoundingClientRect().top < 120) ?? headings[0];
    for (const [id, link] of links) link.classList.toggle('current', id === current?.id);
  };
  document.addEventListener('scroll', mark, { passive: true });
  mark();
}
