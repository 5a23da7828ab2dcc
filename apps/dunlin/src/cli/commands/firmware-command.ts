import { Command } from 'commander';

import type { ProgramContext } from '../../program/program-context.ts';
import {
  imageListCommand,
  imageRemoveCommand,
  imageShowCommand,
  imageUploadCommand,
} from './firmware-image-commands.ts';
import {
  cancelUpdateCommand,
  installCommand,
  updateCommand,
  updatesCommand,
  updateStatusCommand,
} from './firmware-update-commands.ts';

/** `dunlin firmware …`. */
export function firmwareCommand(context: ProgramContext): Command {
  const command = new Command('firmware')
    .summary('images of firmware, and what devices are updated to')
    .description(
      'Images of firmware: upload, list, show, remove. The firmware of a device: update, updates, status, install, cancel.',
    );
  for (const below of [
    imageUploadCommand(context),
    imageListCommand(context),
    imageShowCommand(context),
    imageRemoveCommand(context),
    updateCommand(context),
    updatesCommand(context),
    updateStatusCommand(context),
    installCommand(context),
    cancelUpdateCommand(context),
  ])
    command.addCommand(below);
  return command;
}
