import { findBackendFactory, registerBackend, removeBackend } from "@tensorflow/tfjs-core";

/** Frees a backend of tfjs and all it holds; it can be started afresh afterwards, which `removeBackend` alone forbids. */
export function closeBackend(name: string): void {
  const factory = findBackendFactory(name) as ReturnType<typeof findBackendFactory> | null; // null where it was never registered
  if (!factory) return;
  removeBackend(name);
  registerBackend(name, factory);
}
