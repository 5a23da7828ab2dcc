/** Has the browser save what is in this page as a file. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of it when the click is over.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
