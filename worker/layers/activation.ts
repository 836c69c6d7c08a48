/** The activation between the two feed-forward products. */
export type Activation = "gelu" | "gelu-tanh" | "relu" | "silu";
