import type { VNode } from "preact";
import { useContext, useEffect } from "preact/hooks";
import { FileButton } from "../../components/file-button.tsx";
import { examples } from "../../intake/examples.ts";
import type { PhotoSource } from "../../state/photo.ts";
import { LabFailure } from "../frame/answered.tsx";
import { useLab, useWords, VisibleContext } from "../state/lab-context.ts";
import { pictureWords } from "./words.ts";

/** Every way to give the exhibits a picture; the first example comes by itself. */
export const PicturePanel = ({ testId }: { testId: string }): VNode => {
  const { pictures } = useLab();
  const words = useWords(pictureWords);
  const visible = useContext(VisibleContext);
  useEffect(() => {
    if (visible) pictures.begin();
  }, [visible, pictures]);
  const name = pictures.current.value?.name;
  const known = examples();
  const own = name !== undefined && known.every((example) => example.name !== name);
  return (
    <div class="picture-panel" role="group" aria-label={words.title}>
      <div class="picture-examples">
        {known.map((example, at) => (
          <Example key={example.name} example={example} label={words.examples[at]!} chosen={example.name === name} />
        ))}
      </div>
      <FileButton
        label={words.choose}
        testId={`${testId}-file`}
        accept="image/*"
        onFiles={([first]) => void (first && pictures.take({ name: first.file.name, content: first.file }))}
      />
      <p class="hint">{own ? `${words.own}: ${name}` : words.hint}</p>
      {pictures.failure.value !== null && <LabFailure failure={pictures.failure.value} />}
    </div>
  );
};

type ExampleProps = { readonly example: PhotoSource; readonly label: string; readonly chosen: boolean };

const Example = ({ example, label, chosen }: ExampleProps): VNode => {
  const { pictures } = useLab();
  return (
    <button
      type="button"
      class="picture-example"
      aria-pressed={chosen}
      data-testid={`example-${example.name}`}
      onClick={() => void pictures.take(example)}
    >
      {example.content instanceof URL && (
        <img src={example.content.href} alt="" width="64" height="48" loading="lazy" />
      )}
      {label}
    </button>
  );
};
