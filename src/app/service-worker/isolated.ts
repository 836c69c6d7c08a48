/** What makes a page cross-origin isolated, which gives it shared memory, and so threads for wasm. */
const ISOLATION = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
} as const;

/** The headers of an answer, and those that many hosts cannot send; what this one has sent stays. */
export function isolating(sent: Headers): Headers {
  const headers = new Headers(sent);
  for (const [name, value] of Object.entries(ISOLATION)) if (!headers.has(name)) headers.set(name, value);
  return headers;
}

/** The same answer with these headers. */
export function isolated(response: Response): Response {
  // Nothing can be added to a redirection: the browser follows it, and asks here for where it leads.
  if (response.type === "opaqueredirect") return response;
  const { status, statusText, body, headers } = response;
  return new Response(body, { status, statusText, headers: isolating(headers) });
}
