import { TextMode, PanelBuilder as TextPanel } from '@grafana/grafana-foundation-sdk/text';
import { dashboard } from './dashboard.js';

/** docs/runbooks.md as a page of Grafana: where the `runbook_url` of an alert leads. */
export function runbooks(markdown: string) {
  return dashboard({
    uid: 'throughline-runbooks',
    title: 'Runbooks',
    description: 'What to do when an alert fires. Made from docs/runbooks.md.',
    sources: [],
  }).withPanel(
    new TextPanel().title('').span(24).height(40).mode(TextMode.Markdown).content(markdown).transparent(true),
  );
}
