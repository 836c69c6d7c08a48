/** Events go one way: comlink makes promises of them, and what the page does with an event is the page's affair. */
export function tell(event: () => unknown): Promise<unknown> {
  return Promise.resolve(event()).catch(() => undefined);
}
