/** Numbers of the activations in assembly/activation.ts; 0 is none. */
export const ACTIVATIONS: Readonly<Record<string, number>> = { gelu: 1, "gelu-tanh": 2, relu: 3, silu: 4 };
