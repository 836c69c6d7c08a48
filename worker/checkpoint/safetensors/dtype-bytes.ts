import type { HostDtype } from "../../contract/host-tensor.ts";

/** Bytes of one element. */
export const DTYPE_BYTES: Readonly<Record<HostDtype, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export const isHostDtype = (name: string): name is HostDtype => Object.hasOwn(DTYPE_BYTES, name);
