// `npm start` and the gate run this: the built console is made anew when its sources changed.
import { buildConsole } from './build-console.ts';

if ((await buildConsole()) === 'built') console.error('The console was built.');
