import { plural } from '../model/format.js';
import { isConnected, status } from '../state/live.js';
import { linkTo } from '../state/route.js';

/** What is wrong, before everything else: the findings of the services, and services that have ended. */
export function Banner() {
  const { findings = [], services = [], session, refused } = status.value ?? {};
  const ended = services.filter(({ state, end }) => state === 'ended' && end !== 'exit code 0');
  return (
    <div class="banner" role="status">
      {!isConnected.value && (
        <p class="notice warning">
          The command has ended or cannot be reached. The page shows what it received before.
        </p>
      )}
      {session && (
        <p class="notice">
          Session <strong>{session.name}</strong>, saved {new Date(session.savedMillis).toLocaleString()}. New
          telemetry is still received: “Back to live” shows it.
        </p>
      )}
      {ended.map(({ name, end }) => (
        <p key={name} class="notice error">
          <strong>{name}</strong> has ended ({end}).{' '}
          <a href={linkTo('logs', { service: name })}>Its log lines</a>
        </p>
      ))}
      {refused !== undefined && refused.requests + refused.items > 0 && (
        <p class="notice warning">
          {plural(refused.requests, 'request')} and {plural(refused.items, 'item')} could not be read. The
          last reason: {refused.lastReason}
        </p>
      )}
      {findings.length > 0 && (
        <details class="notice warning" open={findings.length <= 2}>
          <summary>{plural(findings.length, 'problem')} with the telemetry of the services</summary>
          {findings.map(({ serviceName, code, message, fix, help, level }) => (
            <div key={serviceName + code + message} class="finding">
              <p>
                <span class={`level ${level}`}>{level}</span> <strong>{serviceName}</strong>{' '}
                <code>{code}</code> {message}
              </p>
              <p>
                <strong>Fix:</strong> {fix}{' '}
                {help.startsWith('https:') ? <a href={help}>Explanation</a> : <code>{help}</code>}
              </p>
            </div>
          ))}
        </details>
      )}
    </div>
  );
}
