/** A door at which those wait who need somebody to be signed in. */
export class Admission {
  #isOpen = false;
  readonly #waiting = new Set<() => void>();

  /** Lets those through who wait, and who come, until it is closed. */
  set(isOpen: boolean): void {
    this.#isOpen = isOpen;
    if (!isOpen) return;
    for (const resume of this.#waiting) resume();
    this.#waiting.clear();
  }

  /** Resolves when it is open, or when the signal is aborted. */
  opened(signal: AbortSignal): Promise<void> {
    if (this.#isOpen || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.add(resolve);
      signal.addEventListener('abort', () => resolve());
    });
  }
}
