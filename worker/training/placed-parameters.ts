import { add, dispose, matMul, mul, tensor, tidy, variable, type Tensor, type Variable } from "@tensorflow/tfjs-core";
import type { Shape } from "../contract/host-tensor.ts";
import type { Random } from "../contract/random.ts";
import type { ParameterReader, TensorReader } from "../kernels/parameter-reader.ts";
import { learns, type Adaptation, type Anatomy } from "./anatomy.ts";
import { drawUniforms } from "./draw-weights.ts";

type Shapes = ReadonlyMap<string, Shape>;

type Adapter = { readonly down: Variable; readonly up: Variable; readonly scale: number }; // [rank, in], [out, rank]

/** A model's parameters on the current backend, those that learn apart from those that stay; `dispose` frees them. */
export class PlacedParameters {
  readonly learned = new Map<string, Variable>();
  readonly #still = new Map<string, Tensor>();
  readonly #adapters = new Map<string, Adapter>();

  /** `random` draws the adapters' first weights. Shapes and values are PyTorch's. */
  constructor(shapes: Shapes, read: ParameterReader, adaptation: Adaptation, anatomy: Anatomy, random: Random) {
    for (const [name, shape] of shapes) {
      const value = tensor(read(name), [...shape]);
      if (learns(name, adaptation, anatomy)) this.learned.set(name, asVariable(value));
      else this.#still.set(name, value);
      if (adaptation.kind === "lora" && anatomy.isAdapted(name)) this.#adapt(name, shape, adaptation, random);
    }
  }

  /** A starts as Kaiming's uniform numbers, as in PEFT, and B at 0: an adapter that has learned nothing changes nothing. */
  #adapt(name: string, [out, inputs]: readonly number[], lora: { rank: number; alpha: number }, random: Random): void {
    const module = name.replace(/\.weight$/, "");
    const bound = 1 / Math.sqrt(inputs!);
    const drawn = drawUniforms(lora.rank * inputs!, bound, random);
    const down = asVariable(tensor(drawn, [lora.rank, inputs!]));
    const up = asVariable(tensor(new Float32Array(out! * lora.rank), [out!, lora.rank]));
    this.learned.set(`${module}.lora_A.weight`, down).set(`${module}.lora_B.weight`, up);
    this.#adapters.set(name, { down, up, scale: lora.alpha / lora.rank });
  }

  /** One parameter as the model uses it. Call it inside `tidy`: with an adapter it is a sum of its own. */
  readonly read: TensorReader = (name) => {
    const value = this.learned.get(name) ?? this.#still.get(name)!;
    const adapter = this.#adapters.get(name);
    return adapter ? add(value, mul(matMul(adapter.up, adapter.down), adapter.scale)) : value;
  };

  /** All parameters by their names in a checkpoint, adapters merged. */
  async values(): Promise<Map<string, Float32Array>> {
    const values = new Map<string, Float32Array>();
    for (const name of [...this.#still.keys(), ...this.learned.keys()].filter((key) => !isAdapter(key))) {
      const merged = tidy(() => add(this.read(name), 0));
      values.set(name, await merged.data<"float32">());
      merged.dispose();
    }
    return values;
  }

  dispose(): void {
    dispose([...this.#still.values(), ...this.learned.values()]);
  }
}

const isAdapter = (name: string): boolean => /\.lora_[AB]\.weight$/.test(name);

/** The tensor becomes the variable's. */
function asVariable(value: Tensor): Variable {
  const held = variable(value);
  value.dispose();
  return held;
}
