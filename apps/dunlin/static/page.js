// The browser runs this file as it is: plain JavaScript, for which type-aware rules have no types to go by.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return, typescript/restrict-template-expressions */

// Lists the registered devices and keeps the list live. Whatever devices say is put in as text, never as markup.

/** @typedef {{ endpoint: string, security: string, version: string, bindingMode: string, address: string, updatedAt: string, expiresAt: string, objects: { id: number, name?: string, instances: number[] }[] }} Device */

const shownDevices = 1000;
const shownEvents = 30;

/** @type {Map<string, Device>} */
const devices = new Map();
/** @type {Map<string, HTMLTableRowElement>} */
const rows = new Map();

const element = (id) => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no ${id}`);
  return found;
};

const duration = (seconds) => {
  const magnitude = Math.abs(seconds);
  if (magnitude < 120) return `${Math.round(magnitude)} s`;
  if (magnitude < 7200) return `${Math.round(magnitude / 60)} min`;
  if (magnitude < 172_800) return `${Math.round(magnitude / 3600)} h`;
  return `${Math.round(magnitude / 86_400)} d`;
};

const relative = (instant) => {
  const seconds = (Date.parse(instant) - Date.now()) / 1000;
  return seconds < 0 ? `${duration(seconds)} ago` : `in ${duration(seconds)}`;
};

const objectsText = ({ objects }) =>
  objects
    .map(({ id, name, instances }) => {
      const count = instances.length > 1 ? ` × ${instances.length}` : '';
      return `${name ?? 'Object'} (${id})${count}`;
    })
    .join(', ');

const cellsOf = (device) => [
  device.endpoint,
  device.security,
  device.version,
  device.bindingMode,
  device.address,
  objectsText(device),
  relative(device.updatedAt),
  relative(device.expiresAt),
];

const showDevice = (device) => {
  let row = rows.get(device.endpoint);
  if (row === undefined) {
    row = document.createElement('tr');
    for (const _ of cellsOf(device)) row.append(document.createElement('td'));
    const after = [...rows.keys()].sort().find((endpoint) => endpoint > device.endpoint);
    element('devices').insertBefore(row, after === undefined ? null : rows.get(after));
    rows.set(device.endpoint, row);
  }
  const cells = row.cells;
  for (const [index, text] of cellsOf(device).entries()) {
    if (cells[index].textContent !== text) cells[index].textContent = text;
  }
};

const showCount = () => {
  element('count').textContent = String(devices.size);
  element('empty').hidden = devices.size > 0;
};

const put = (device) => {
  if (!devices.has(device.endpoint) && devices.size >= shownDevices) {
    element('more').hidden = false;
    return;
  }
  devices.set(device.endpoint, device);
  showDevice(device);
  showCount();
};

const remove = (endpoint) => {
  devices.delete(endpoint);
  rows.get(endpoint)?.remove();
  rows.delete(endpoint);
  showCount();
};

const list = async () => {
  const answer = await fetch(`/api/v1/devices?limit=${shownDevices}`);
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  const page = await answer.json();
  const present = new Set(page.devices.map(({ endpoint }) => endpoint));
  for (const endpoint of devices.keys()) if (!present.has(endpoint)) remove(endpoint);
  for (const device of page.devices) put(device);
  element('more').hidden = page.next === null;
  showCount();
};

const valueText = ({ name, value, values, units, resources, instances }) => {
  if (value !== undefined) return `${name ?? ''} ${value}${units === undefined ? '' : ` ${units}`}`;
  return JSON.stringify(values ?? resources ?? instances);
};

const eventText = (event) => {
  const what = event.type === 'notification' ? `${event.path} ${valueText(event.content)}` : event.type;
  return `${event.time.slice(11, 19)}  ${event.endpoint ?? ''}  ${what}${event.reason === undefined ? '' : `: ${event.reason}`}`;
};

const showEvent = (event) => {
  const line = document.createElement('li');
  line.textContent = eventText(event);
  const log = element('events');
  log.prepend(line);
  while (log.children.length > shownEvents) log.lastElementChild?.remove();
};

const showConnection = (text, isLive) => {
  element('connection').textContent = text;
  element('devices').classList.toggle('stale', !isLive);
};

const onEvent = (message) => {
  const event = JSON.parse(message.data);
  showEvent(event);
  if (event.type === 'registered' || event.type === 'updated') put(event.device);
  if (event.type === 'deregistered' || event.type === 'expired') remove(event.endpoint);
  if (event.type === 'reset') list().catch((error) => showConnection(String(error), false));
};

const events = new EventSource('/api/v1/events');
for (const type of [
  'registered',
  'updated',
  'deregistered',
  'expired',
  'notification',
  'observation-ended',
  'refused',
  'handshake-failed',
  'reset',
]) {
  events.addEventListener(type, onEvent);
}
// The stream is open before the list is asked for, so that nothing between them is missed.
events.addEventListener('open', () => {
  showConnection('Live', true);
  list().catch((error) => showConnection(String(error), false));
});
events.addEventListener('error', () =>
  showConnection('The connection is lost; what is shown may be old.', false),
);

element('hint').textContent = 'npx dunlin client --server coap://127.0.0.1:5683 --endpoint my-device';
setInterval(() => {
  for (const device of devices.values()) showDevice(device);
}, 1000);
