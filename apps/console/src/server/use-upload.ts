import { ApiUnreachableError, type DunlinApi } from '@dunlin/api';
import { useEffect, useRef, useState } from 'react';

import { text } from '../text/en.ts';
import { formatSize } from '../text/format-size.ts';
import { apiOver } from './api.ts';
import { uploadFetch, type UploadProgress } from './upload-fetch.ts';

/** A file on its way to the server. */
export interface Upload {
  /** How far it is; nothing when none is under way. */
  readonly progress: UploadProgress | undefined;
  /** Why the last one did not arrive; a cancelled one has no reason. */
  readonly problem: unknown;
  /** Sends a body of so many bytes by a call of the client that it is given; what went wrong is the problem then. */
  readonly send: (
    total: number,
    call: (api: DunlinApi, signal: AbortSignal) => Promise<unknown>,
  ) => Promise<void>;
  readonly cancel: () => void;
}

/** Uploads that tell how far they are, and can be cancelled; one that is under way ends with what shows it. */
export function useUpload(): Upload {
  const [progress, setProgress] = useState<UploadProgress>();
  const [problem, setProblem] = useState<unknown>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);
  const send: Upload['send'] = async (total, call) => {
    const controller = new AbortController();
    abort.current = controller;
    let last: UploadProgress = { sent: 0, total };
    setProgress(last);
    setProblem(undefined);
    const told = uploadFetch((news) => {
      last = news;
      setProgress(news);
    });
    try {
      await call(apiOver(told), controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) setProblem(reasonFor(error, last));
    } finally {
      setProgress(undefined);
    }
  };
  return { progress, problem, send, cancel: () => abort.current?.abort() };
}

/** A connection that broke is told with how far it came: what the server got so far it does not keep. */
function reasonFor(error: unknown, { sent, total }: UploadProgress): unknown {
  if (!(error instanceof ApiUnreachableError)) return error;
  return new Error(text.upload.brokeOff(formatSize(sent), formatSize(total)), { cause: error });
}
