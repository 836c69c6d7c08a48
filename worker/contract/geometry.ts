export type Size = { readonly width: number; readonly height: number }; // pixels, or cells of a grid

export type Rectangle = Size & { readonly left: number; readonly top: number }; // pixels
