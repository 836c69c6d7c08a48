import type { Size } from "../../contract/geometry.ts";
import { MAX_JPEG_SCANS } from "../limits.ts";
import type { ByteView } from "./byte-view.ts";
import { readExifOrientation } from "./exif.ts";
import type { ByteRange, FormatHeader, Orientation } from "./format-header.ts";

const END_OF_IMAGE = 0xd9;
const START_OF_SCAN = 0xda;
const APP1 = 0xe1;
const EXIF = "Exif\0\0";
const APP2 = 0xe2;
const PROFILE = "ICC_PROFILE\0";

/** Reads every marker of a JPEG file (ITU T.81, annex B), through the scans to the end of the image. */
export function readJpegHeader(view: ByteView): FormatHeader {
  let size: Size | null = null;
  let orientation: Orientation | null = null;
  let scans = 0;
  let complete = false;
  const cut: ByteRange[] = [];
  for (const segment of segments(view)) {
    const { marker, start, payload, end } = segment;
    if (isFrame(marker)) size ??= { height: view.u16(payload + 1), width: view.u16(payload + 3) };
    if (isExif(view, segment)) orientation ??= readExifOrientation(view.bytes.subarray(payload + EXIF.length, end));
    if (isActedOn(view, segment)) cut.push({ start, end });
    if (marker === START_OF_SCAN && ++scans > MAX_JPEG_SCANS) {
      throw view.corrupt(`wanted at most ${MAX_JPEG_SCANS} scans, got more`);
    }
    complete = marker === END_OF_IMAGE && scans > 0;
  }
  if (size === null) throw view.corrupt("wanted a frame header with the size, got none");
  return { ...size, orientation: orientation ?? 1, complete, cut };
}

type Segment = {
  readonly marker: number;
  readonly start: number; // of the marker
  readonly payload: number; // after the length
  readonly end: number;
};

/** Segments up to the end of the image, or as far as whole ones go. */
function* segments(view: ByteView): Generator<Segment> {
  let start = nextMarker(view.bytes, 2);
  while (start !== null) {
    const marker = view.byte(start + 1);
    if (marker === END_OF_IMAGE) {
      yield { marker, start, payload: start + 2, end: start + 2 };
      return;
    }
    if (start + 4 > view.length) return;
    const end = start + 2 + view.u16(start + 2);
    if (end < start + 4) throw view.corrupt("wanted a segment of 2 bytes or more, got less");
    if (end > view.length) return;
    yield { marker, start, payload: start + 4, end };
    start = nextMarker(view.bytes, end);
  }
}

/** Skips compressed data: stuffed zeros, fill bytes, and markers that carry nothing (restart, start, TEM). */
function nextMarker(bytes: Uint8Array, from: number): number | null {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const marker = bytes[at + 1];
    if (marker === undefined) return null;
    if (marker > 0x01 && marker < 0xff && !(marker >= 0xd0 && marker <= 0xd8)) return at;
  }
  return null;
}

const isExif = (view: ByteView, { marker, payload }: Segment): boolean => marker === APP1 && view.says(payload, EXIF);

/** By a browser. */
const isActedOn = (view: ByteView, segment: Segment): boolean =>
  isExif(view, segment) || (segment.marker === APP2 && view.says(segment.payload, PROFILE));

/** SOF0 … SOF15, but for DHT, JPG and DAC, which share their range. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
