import { PageError } from "../state/failure.ts";

/** The web address in dropped or pasted text, or null where it is anything else. */
export const pictureAddress = (text: string): URL | null => {
  const line = text.split(/\r?\n/).find((candidate) => candidate !== "" && !candidate.startsWith("#")); // uri-list
  if (line === undefined || !URL.canParse(line.trim())) return null;
  const url = new URL(line.trim());
  return url.protocol === "https:" || url.protocol === "http:" ? url : null;
};

/** The last part of the path, as a name for people. */
export const nameOfAddress = (url: URL): string => {
  const last = url.pathname.split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(last) || url.hostname;
  } catch {
    return last; // a stray percent sign
  }
};

/** Downloads a picture. Throws `picture-insecure`, `picture-address`, `picture-offline`, or an `AbortError`. */
export const fetchPicture = async (url: URL, signal: AbortSignal): Promise<Blob> => {
  if (!isWithinPolicy(url)) {
    throw new PageError("picture-insecure", `${url.host} would be asked over http, which this page's policy forbids.`);
  }
  const response = await request(url, signal);
  if (!response.ok) throw new PageError("picture-address", `${url.host} answered ${response.status}.`);
  return response.blob();
};

/** What `connect-src` in index.html lets through; anything else would only be an error in the console. */
const isWithinPolicy = ({ protocol, hostname, origin }: URL): boolean =>
  protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1" || origin === location.origin;

const request = async (url: URL, signal: AbortSignal): Promise<Response> => {
  try {
    return await fetch(url, { signal, credentials: "omit", referrerPolicy: "no-referrer" });
  } catch (cause) {
    if (signal.aborted) throw cause;
    const isOwn = url.origin === location.origin; // nothing but the network keeps it from us
    const reason = isOwn ? "" : ", or does not let other pages read its pictures";
    const detail = `${url.host} could not be reached${reason}.`;
    throw new PageError(isOwn || !navigator.onLine ? "picture-offline" : "picture-address", detail, { cause });
  }
};
