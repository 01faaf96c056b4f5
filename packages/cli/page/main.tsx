import { render } from 'preact';
import { App } from './app.js';
import { followChanges } from './state/live.js';
import { followAddress } from './state/route.js';
import { followTheme } from './state/theme.js';

// The token is in the cookie now; it must not stay in the address, where it could be copied with a link.
const address = new URL(location.href);
if (address.searchParams.has('token')) {
  address.searchParams.delete('token');
  history.replaceState(null, '', address);
}
followTheme();
followAddress();
followChanges();
render(<App />, document.getElementById('app') as HTMLElement);
