import { describe, expect, test } from "vitest";
import { resolveSource } from "../../../../worker/checkpoint/sources/resolve-source.ts";
import { noStore } from "../../../../worker/checkpoint/sources/model-store.ts";
import type { ModelFolder } from "../../../../worker/contract/model-folder.ts";
import type { Progress } from "../../../../worker/contract/progress.ts";

function file(path: string, text = path): File {
  const made = new File([text], path.split("/").at(-1) ?? "");
  if (path.includes("/")) Object.defineProperty(made, "webkitRelativePath", { value: path });
  return made;
}

const drop = (...files: File[]): Promise<ModelFolder> =>
  resolveSource({ kind: "files", files }, { models: "http://h.test/models/", store: noStore });

const read = async (folder: ModelFolder, path: string): Promise<string | null> => {
  const bytes = await folder.read(path);
  return bytes && new TextDecoder().decode(bytes);
};

describe("a dropped folder", () => {
  test("is read by base names and called after the folder", async () => {
    const folder = await drop(file("my-vit/config.json"), file("my-vit/model.safetensors"), file("my-vit/README.md"));
    expect(folder.name).toBe("my-vit");
    expect(await read(folder, "config.json")).toBe("my-vit/config.json");
    expect(await read(folder, "model.safetensors")).toBe("my-vit/model.safetensors");
    expect(await read(folder, "preprocessor_config.json")).toBeNull();
  });

  test.each([
    ["a checkpoint", ["out/checkpoint-500/config.json", "out/checkpoint-500/model.safetensors"]],
    ["an export's config", ["out/onnx/config.json", "out/onnx/model.onnx"]],
    ["two checkpoints", ["out/a/model.safetensors", "out/b/model.safetensors", "out/b/preprocessor_config.json"]],
  ])("is read without %s beneath it", async (_, beneath) => {
    const folder = await drop(...[...beneath, "out/config.json", "out/model.safetensors"].map((path) => file(path)));
    expect(await read(folder, "config.json")).toBe("out/config.json");
    expect(await read(folder, "model.safetensors")).toBe("out/model.safetensors");
    expect(await read(folder, "preprocessor_config.json")).toBeNull();
  });

  test("without weights of its own gives those of the only folder that has", async () => {
    const paths = ["out/config.json", "out/logs/config.json", "out/last/config.json", "out/last/model.safetensors"];
    const folder = await drop(...paths.map((path) => file(path)));
    expect(folder.name).toBe("out");
    expect(await read(folder, "config.json")).toBe("out/last/config.json");
    expect(await read(folder, "model.safetensors")).toBe("out/last/model.safetensors");
  });

  test("takes files that came alone beside it", async () => {
    const folder = await drop(file("vit/model.safetensors"), file("config.json"));
    expect(await read(folder, "config.json")).toBe("config.json");
    expect(await read(folder, "model.safetensors")).toBe("vit/model.safetensors");
  });

  test("with an index keeps its shards' own names", async () => {
    const folder = await drop(file("model.safetensors.index.json"), file("model-00001-of-00001.safetensors"));
    expect(await read(folder, "model.safetensors")).toBeNull();
    expect(await read(folder, "model-00001-of-00001.safetensors")).toBe("model-00001-of-00001.safetensors");
  });

  test("reports its bytes", async () => {
    const folder = await drop(file("model.safetensors", "12345"));
    const seen: Progress[] = [];
    await folder.read("model.safetensors", { onProgress: (progress) => seen.push(progress) });
    expect(seen.at(-1)).toEqual({
      stage: "download",
      loaded: 5,
      total: 5,
      file: "model.safetensors",
      fromCache: false,
    });
  });
});

test("what all models may have need of is asked for beside the embedded ones", async () => {
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (request) => (asked.push(new Request(request).url), new Response("[]"));
  const options = { models: "http://h.test/models/", store: noStore, fetch };
  for (const source of [
    { kind: "files", files: [file("a.pth")] } as const,
    { kind: "text", text: "hf:o/n" } as const,
  ]) {
    const bytes = await (await resolveSource(source, options)).readShared!("list.json");
    expect(new TextDecoder().decode(bytes!)).toBe("[]");
  }
  expect(asked).toEqual(Array(2).fill("http://h.test/models/list.json"));
});

describe("one bare weight file", () => {
  test("of any name stands for model.safetensors", async () => {
    const folder = await drop(file("deit_tiny.safetensors"));
    expect(folder.name).toBe("deit_tiny");
    expect(await read(folder, "model.safetensors")).toBe("deit_tiny.safetensors");
    expect(await read(folder, "config.json")).toBeNull();
  });

  test.each(["ViT-B_16.npz", "deit.pth", "model.pt", "weights.bin", "last.ckpt", "model_best.pth.tar"])(
    "may be %s",
    async (name) => {
      const folder = await drop(file(name), file("config.json"));
      expect(await read(folder, "model.safetensors")).toBe(name);
      expect(folder.name).toBe(name.split(".")[0]);
    },
  );

  test("is the one of safetensors, whatever else a training run has left beside it", async () => {
    const folder = await drop(file("best.safetensors"), file("optimizer.pt"), file("rng_state.pth"));
    expect(await read(folder, "model.safetensors")).toBe("best.safetensors");
  });

  test("is not looked for where there is a file of Hugging Face's name", async () => {
    const folder = await drop(file("pytorch_model.bin"), file("training_args.bin"));
    expect(await read(folder, "model.safetensors")).toBeNull();
    expect(await read(folder, "pytorch_model.bin")).toBe("pytorch_model.bin");
  });

  test("beside a config works too", async () => {
    const folder = await drop(file("deit_tiny.safetensors"), file("config.json"));
    expect(await read(folder, "model.safetensors")).toBe("deit_tiny.safetensors");
    expect(await read(folder, "config.json")).toBe("config.json");
  });
});

describe("what cannot be one model", () => {
  test.each([
    ["two weight files", ["a.safetensors", "b.safetensors"], ["a.safetensors", "b.safetensors"]],
    [
      "two models side by side",
      ["x/a/config.json", "x/a/model.safetensors", "x/b/config.json", "x/b/model.safetensors", "x/config.json"],
      ["x/a/config.json", "x/b/config.json"],
    ],
    ["two configs", ["config.json", "x/config.json", "x/model.safetensors"], ["config.json", "x/config.json"]],
    ["two of PyTorch's", ["a.pth", "b.pth"], ["a.pth", "b.pth"]],
    ["another format", ["config.json", "model.onnx"], ["model.onnx", ".safetensors"]],
    ["no weights", ["config.json"], ["config.json", ".safetensors"]],
    ["nothing", [], ["no file"]],
  ])("%s: source-unsupported names them", async (_case, paths, named) => {
    const failed = drop(...paths.map((path) => file(path)));
    for (const name of named) {
      await expect(failed).rejects.toMatchObject({
        code: "source-unsupported",
        message: expect.stringContaining(name),
      });
    }
  });

  test("a Git LFS pointer is refused when it is read", async () => {
    const folder = await drop(
      file("model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"),
    );
    await expect(folder.read("model.safetensors")).rejects.toMatchObject({ code: "source-lfs-pointer" });
  });

  test("a file that was moved away since is source-not-found", async () => {
    const gone = file("model.safetensors");
    gone.arrayBuffer = () => Promise.reject(new DOMException("gone", "NotReadableError"));
    const folder = await drop(gone);
    await expect(folder.read("model.safetensors")).rejects.toMatchObject({ code: "source-not-found" });
  });
});

test("a cancelled read rejects with an AbortError", async () => {
  const folder = await drop(file("model.safetensors"));
  const cancelled = folder.read("model.safetensors", { signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ name: "AbortError" });
});
