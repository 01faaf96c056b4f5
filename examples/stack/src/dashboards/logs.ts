import { dashboard } from './dashboard.js';
import { lines, logSeries } from './panels.js';
import { ofServices } from './selectors.js';
import { environment, service, textBox } from './variables.js';

const failures = ofServices('severity_text=~"(?i)error|fatal|crit|alert|emerg"');

/** Log lines of the services, and how many. */
export const logs = dashboard({
  uid: 'throughline-logs',
  title: 'Logs',
  description: 'Log lines of the services. Each links to its trace.',
  sources: ['prometheus', 'loki'],
})
  .withVariable(environment())
  .withVariable(service())
  .withVariable(textBox('level', 'Level', '.*'))
  .withVariable(textBox('text', 'Text'))
  .withVariable(textBox('trace', 'Trace id', '.*'))
  .withPanel(
    logSeries({
      title: 'Lines by level',
      stacked: true,
      queries: [
        {
          expr: `sum by (severity_text) (count_over_time(${ofServices()}[$__auto]))`,
          legend: '{{severity_text}}',
        },
      ],
    }),
  )
  .withPanel(
    logSeries({
      title: 'Lines by service',
      stacked: true,
      queries: [
        {
          expr: `sum by (service_name) (count_over_time(${ofServices()}[$__auto]))`,
          legend: '{{service_name}}',
        },
      ],
    }),
  )
  .withPanel(
    logSeries({
      title: 'Errors by service',
      queries: [
        { expr: `sum by (service_name) (count_over_time(${failures}[$__auto]))`, legend: '{{service_name}}' },
      ],
    }),
  )
  .withPanel(
    logSeries({
      title: 'Errors by type',
      queries: [
        {
          expr: `sum by (service_name, exception_type) (count_over_time(${failures} | exception_type!="" [$__auto]))`,
          legend: '{{service_name}} {{exception_type}}',
        },
      ],
    }),
  )
  .withPanel(
    lines({
      title: 'Lines',
      description:
        'The filters for level and trace id accept regular expressions. The trace id of a line opens its trace.',
      height: 20,
      expr: `${ofServices('severity_text=~"(?i)$level"')} | trace_id=~"$trace" |= \`$text\``,
    }),
  );
