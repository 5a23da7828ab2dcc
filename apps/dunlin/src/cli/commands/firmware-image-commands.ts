import { basename } from 'node:path';

import type { FirmwareImageDocument, FirmwareImageQuery } from '@dunlin/api';
import type { Command } from 'commander';

import type { NamedBytes, ProgramContext } from '../../program/program-context.ts';
import { openNamedFile } from '../../program/read-named-file.ts';
import { type ApiCommandOptions, apiCommand, apiOf, countingNumber, print } from '../api-command.ts';
import { bytesText, imagesTable, imageTable, percent } from '../firmware-text.ts';
import { namedImage } from '../named-image.ts';
import { ProgressLine } from '../progress-line.ts';
import { printable } from '../table.ts';

interface UploadOptions extends ApiCommandOptions {
  readonly name?: string;
  readonly imageVersion?: string;
  readonly model?: string;
}

interface ListOptions extends ApiCommandOptions {
  readonly contains?: string;
  readonly model?: string;
  readonly after?: string;
  readonly limit: number;
}

/** `dunlin firmware upload FILE`. */
export function imageUploadCommand(context: ProgramContext): Command {
  return apiCommand('upload', 'add an image of firmware')
    .argument('<file>', 'the image')
    .option('--name <name>', 'what it is called (default: like the file)')
    .option('--image-version <version>', 'what a device that runs it says of its firmware (/3/0/3)')
    .option(
      '--model <model>',
      'the model of the devices that it is for (/3/0/1); others are not updated to it',
    )
    .action(async (file: string, options: UploadOptions) => {
      const opened = await openNamedFile(context, file);
      const { name = basename(file), imageVersion: version, model } = options;
      const facts = {
        name,
        ...(version === undefined ? {} : { version }),
        ...(model === undefined ? {} : { model }),
      };
      const line = new ProgressLine(context.stderr, name);
      const isShown = context.stderr.isTerminal && options.json !== true;
      const bytes = isShown ? watched(opened, line) : opened.bytes;
      const { size } = opened;
      const uploading = apiOf(context, options).firmware.upload(bytes, facts, {
        size,
        signal: context.interrupted,
      });
      let image: FirmwareImageDocument;
      try {
        image = await uploading;
      } finally {
        await line.end();
      }
      await print(context, options, {
        json: image,
        text: () =>
          `added ${printable(image.name)} as image ${image.id.slice(0, 12)}, ${bytesText(image.size)}\n`,
      });
    });
}

/** `dunlin firmware list`. */
export function imageListCommand(context: ProgramContext): Command {
  return apiCommand('list', 'list the images of firmware')
    .option('--contains <text>', 'only those whose names have this in them')
    .option('--model <model>', 'only those for this model')
    .option('--after <cursor>', 'go on where the page before ended')
    .option('--limit <count>', 'at most so many', countingNumber, 100)
    .action(async (options: ListOptions) => {
      const { contains, model, after, limit } = options;
      const query: FirmwareImageQuery = {
        limit: Math.min(limit, 1000),
        ...(contains === undefined ? {} : { contains }),
        ...(model === undefined ? {} : { model }),
        ...(after === undefined ? {} : { after }),
      };
      const page = await apiOf(context, options).firmware.images(query, { signal: context.interrupted });
      await print(context, options, { json: page, text: () => imagesTable(page.images, context.now()) });
      if (page.next !== null && options.json !== true)
        await context.stderr.write(`There are more: dunlin firmware list --after ${page.next}\n`);
    });
}

/** `dunlin firmware show IMAGE`. */
export function imageShowCommand(context: ProgramContext): Command {
  return apiCommand('show', 'show an image in full')
    .argument('<image>', 'its name, its id, or the beginning of that')
    .action(async (text: string, options: ApiCommandOptions) => {
      const image = await namedImage(apiOf(context, options), text, context.interrupted);
      await print(context, options, { json: image, text: () => imageTable(image, context.now()) });
    });
}

/** `dunlin firmware remove IMAGE…`. */
export function imageRemoveCommand(context: ProgramContext): Command {
  return apiCommand('remove', 'remove images, unless devices are being updated to them')
    .argument('<images...>', 'names, ids, or beginnings of ids')
    .action(async (texts: readonly string[], options: ApiCommandOptions) => {
      const api = apiOf(context, options);
      const { interrupted: signal } = context;
      // All of them are found before the first one is gone.
      const images = await Promise.all(texts.map((text) => namedImage(api, text, signal)));
      for (const { id } of images) await api.firmware.removeImage(id, { signal });
      await print(context, options, {
        json: { removed: images.map(({ id }) => id) },
        text: () =>
          images.map(({ id, name }) => `removed ${printable(name)} (${id.slice(0, 12)})\n`).join(''),
      });
    });
}

async function* watched(
  { bytes, size }: NamedBytes,
  line: ProgressLine,
): AsyncGenerator<Uint8Array, void, void> {
  let sent = 0;
  for await (const piece of bytes) {
    yield piece;
    sent += piece.length;
    await line.show({ part: sent / Math.max(size, 1), text: `${percent(sent, size)} of ${bytesText(size)}` });
  }
}
