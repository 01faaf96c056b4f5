import { RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
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
  .withVariable(textBox('slower', 'Slower than (s)', '0.01'))
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
  .withRow(new RowBuilder('One line per request, message and job'))
  .withPanel(
    logSeries({
      title: 'Slower than $slower seconds, by route',
      description: 'Of services with `logs.canonicalLine`.',
      queries: [
        {
          expr: `sum by (service_name, http_route) (count_over_time(${ofServices()} | event_name="http.server.request" | duration_seconds > $slower [$__auto]))`,
          legend: '{{service_name}} {{http_route}}',
        },
      ],
    }),
  )
  .withPanel(
    lines({
      title: 'Requests, messages and jobs that failed',
      description:
        'Each line has everything that the service gathered with `annotate`. Add a filter such as `| tenant="a"` in Explore.',
      width: 12,
      height: 8,
      expr: `${ofServices()} | event_name!="" | error_type!=""`,
    }),
  )
  .withRow(new RowBuilder('All lines'))
  .withPanel(
    lines({
      title: 'Lines',
      description:
        'The filters for level and trace id accept regular expressions. The trace id of a line opens its trace.',
      height: 20,
      expr: `${ofServices('severity_text=~"(?i)$level"')} | trace_id=~"$trace" |= \`$text\``,
    }),
  );
