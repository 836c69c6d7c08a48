import { dispose, type Tensor } from "@tensorflow/tfjs-core";

/** The tensors of work that pauses between its steps: tfjs's `tidy` knows no await. */
export class TensorScope {
  private readonly held = new Set<Tensor>();

  /** Disposes of the tensor when the scope ends, if nobody has before. */
  hold<T extends Tensor>(tensor: T): T {
    this.held.add(tensor);
    return tensor;
  }

  /** Disposes of tensors at once. */
  drop(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.held.delete(tensor);
    dispose(tensors);
  }

  /** Hands a tensor over to the caller, who owns it from now on. */
  give<T extends Tensor>(tensor: T): T {
    this.held.delete(tensor);
    return tensor;
  }

  end(): void {
    this.drop(...this.held);
  }
}

/** Does work within a scope; whatever is thrown, nothing that the scope holds is left behind. */
export async function inScope<T>(work: (scope: TensorScope) => Promise<T>): Promise<T> {
  const scope = new TensorScope();
  try {
    return await work(scope);
  } finally {
    scope.end();
  }
}
