import { signal } from "@preact/signals";
import { expect, test } from "vitest";
import type { Looking } from "../../../../../src/app/state/looking/looking.ts";
import { USUAL_VIEW } from "../../../../../src/app/state/looking/look-view.ts";
import { createSharedView } from "../../../../../src/app/state/looking/shared-view.ts";
import {
  filesChoice,
  headedChoice,
  typedChoice,
  type ModelChoice,
} from "../../../../../src/app/state/models/model-choices.ts";
import type { Models } from "../../../../../src/app/state/models/models.ts";
import { modelInfo } from "../../fake-vision.ts";

const HEAD = { labels: ["cat", "dog"], weight: [[1], [2]], bias: [0, 0] };
const BASE = typedChoice("small")!;
const FILES = filesChoice([new File(["{}"], "config.json")]);

/** A page that offers `small`, and shows `choice`. */
const sharedBy = (choice: ModelChoice) => {
  const looking = {
    view: signal({ ...USUAL_VIEW, layer: 1, target: 1 }),
    misfit: signal<string[]>([]),
    restore: () => undefined,
  };
  const models = {
    included: signal([BASE]),
    hub: [],
    own: signal([]),
    current: signal({ choice, info: modelInfo(1) }),
    captioner: signal(null),
  };
  return createSharedView(looking as unknown as Looking, models as unknown as Models);
};

test.each([
  ["a model by its name", BASE, "model=small&layer=1&target=1"],
  [
    "taught classes by the model they were taught to, and by none of theirs",
    headedChoice(BASE, HEAD),
    "model=small&layer=1",
  ],
  ["files by nothing", FILES, "layer=1&target=1"],
  ["classes taught to files by nothing", headedChoice(FILES, HEAD), "layer=1"],
])("a link tells %s, and is followed whole", (_, choice, link) => {
  expect(sharedBy(choice).write()).toBe(link);
  const shared = sharedBy(BASE);
  shared.follow(link);
  expect(shared.notice.value).toBe("");
});
