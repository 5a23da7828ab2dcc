import { type Instant, UsageError, utf8Encode } from '@dunlin/base';

/** An image as it is kept. */
export interface FirmwareImage {
  /** The SHA-256 of its bytes in lower-case hexadecimal digits: equal bytes are one image. */
  readonly id: string;
  /** What it is called, such as `thermometer-2.1.bin`. */
  readonly name: string;
  /** What version a device has when it runs it (`/3/0/3`), if whoever added it said so. */
  readonly version?: string | undefined;
  /** The Model Number (`/3/0/1`) of the devices that it is for; none other is updated to it. */
  readonly model?: string | undefined;
  /** In bytes. */
  readonly size: number;
  readonly addedAt: Instant;
}

/** What is said of an image that is added. */
export type NewFirmwareImage = Pick<FirmwareImage, 'name' | 'version' | 'model' | 'addedAt'>;

/** The longest name and version in bytes of UTF-8: that of PkgName and PkgVersion (1.0 E.6). */
const longestText = 255;

/** True for what an id looks like. */
export function isImageId(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** What is said of an image beside its name, as a part to spread: without what is not said. */
export function imageLabels({ version, model }: Pick<FirmwareImage, 'version' | 'model'>): {
  readonly version?: string;
  readonly model?: string;
} {
  return { ...(version === undefined ? {} : { version }), ...(model === undefined ? {} : { model }) };
}

/** Throws `UsageError` for a name, a version or a model that no image may have. */
export function checkImage({
  name,
  version,
  model,
}: Pick<FirmwareImage, 'name' | 'version' | 'model'>): void {
  checkText('name', name);
  // Names become names of files when images are fetched: none may lead elsewhere.
  if (/[/\\]/.test(name) || name === '.' || name === '..')
    throw new UsageError(`an image is called like a file without its folder, not ${JSON.stringify(name)}`);
  if (version !== undefined) checkText('version', version);
  if (model !== undefined) checkText('model', model);
}

function checkText(what: string, text: string): void {
  if (text.trim() === '') throw new UsageError(`the ${what} of an image is not empty`);
  if (utf8Encode(text).length > longestText)
    throw new UsageError(`the ${what} of an image has up to ${longestText} bytes`);
  if (/\p{Cc}/u.test(text)) throw new UsageError(`the ${what} of an image has no control characters`);
}
