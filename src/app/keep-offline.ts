/**
 * Has the browser keep the app, so that it opens without a network. It costs a download, and so waits until the page has
 * loaded and nothing else is to be done. Where it cannot be, as in some private windows, all works as without.
 */
export async function keepOffline(): Promise<void> {
  if (!import.meta.env.PROD) return;
  try {
    await idle();
    await navigator.serviceWorker.register(new URL("sw.js", document.baseURI));
  } catch {
    // What is not kept is fetched.
  }
}

const idle = async (): Promise<void> => {
  if (document.readyState !== "complete") await new Promise((resolve) => addEventListener("load", resolve));
  await new Promise<unknown>((resolve) =>
    "requestIdleCallback" in globalThis ? requestIdleCallback(resolve) : setTimeout(resolve, WITHOUT_IDLING),
  );
};

const WITHOUT_IDLING = 1000; // ms; Safari does not tell when nothing is to be done
