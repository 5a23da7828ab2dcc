import './styles/tokens.css';
import './styles/base.css';
import './styles/components.css';

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { watchSession } from './access/identity.ts';
import { App } from './app/app.tsx';
import { showTheme, storedTheme } from './app/theme.ts';
import { startLive } from './server/live.ts';
import { keepSeries } from './server/live-series.ts';
import { keepRecentEvents } from './server/recent-events.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no place for the console');
showTheme(storedTheme());
watchSession();
startLive();
keepRecentEvents();
keepSeries();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
