import { TextMode, PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text';
import { dashboard } from './dashboard.js';

const uid = 'throughline-runbooks';

/**
 * docs/runbooks.md as a dashboard: a panel for each alert, so that its `runbook_url` can link to that panel.
 * Headings in a text panel have no anchors in Grafana.
 */
export function runbooks(markdown: string) {
  const [, ...sections] = markdown.split(/^## /m).map(splitHeading);
  const titles = sections.map(({ title }) => title);
  const built = dashboard({
    uid,
    title: 'Runbooks',
    description: 'What to do when an alert fires. Generated from docs/runbooks.md.',
    sources: [],
  });
  for (const [index, { title, text }] of sections.entries()) {
    built.withPanel(
      new TextPanel()
        .id(index + 1)
        .title(title)
        .span(24)
        .height(3 + text.split('\n').length)
        .mode(TextMode.Markdown)
        .content(linkedWithin(text, titles)),
    );
  }
  return built;
}

function splitHeading(section: string): { readonly title: string; readonly text: string } {
  const end = section.indexOf('\n');
  return { title: section.slice(0, end), text: section.slice(end).trim() };
}

/** Links to sections become links to panels; links to other pages of the documentation lead nowhere in Grafana. */
function linkedWithin(text: string, titles: readonly string[]): string {
  return text.replace(/\[([^\]]+)\]\(([^)]+)\)/g, (_, label: string, target: string) => {
    const index = titles.findIndex((title) => target === `#${title.toLowerCase()}`);
    return index < 0 ? label : `[${label}](/d/${uid}?viewPanel=${index + 1})`;
  });
}
