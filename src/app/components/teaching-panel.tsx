import type { VNode } from "preact";
import { countOf } from "../format.ts";
import { saveFile } from "../intake/save-file.ts";
import type { OwnClass, Teaching } from "../state/teaching.ts";
import { useApp } from "./app-context.ts";
import { FailureNote } from "./failure-note.tsx";
import { FileButton } from "./file-button.tsx";

/** Classes of one's own, from a few pictures of each. */
export const TeachingPanel = (): VNode => {
  const { teaching } = useApp();
  const classes = teaching.classes.value;
  return (
    <details class="more" data-testid="teaching">
      <summary>Teach your own classes</summary>
      <p class="hint">
        Name two things or more and give some pictures of each, files or from the camera. They stay on this page.
      </p>
      <ul class="own-classes">
        {classes.map((own, index) => (
          <ClassRow key={own.id} own={own} number={index + 1} canGo={classes.length > 2} />
        ))}
      </ul>
      <div class="teaching-buttons">
        <button type="button" class="button" onClick={teaching.add}>
          Add a class
        </button>
        {teaching.run.value ? (
          <button type="button" class="button" onClick={teaching.cancel}>
            Stop
          </button>
        ) : (
          <button
            type="button"
            class="button button-main"
            data-testid="teach"
            disabled={!teaching.isReady.value}
            onClick={() => void teaching.teach()}
          >
            Teach
          </button>
        )}
      </div>
      <Outcome teaching={teaching} />
    </details>
  );
};

type ClassRowProps = { readonly own: OwnClass; readonly number: number; readonly canGo: boolean };

const ClassRow = ({ own: { id, name, pictures }, number, canGo }: ClassRowProps): VNode => {
  const { teaching } = useApp();
  return (
    <li class="own-class">
      <input
        type="text"
        aria-label={`Name of class ${number}`}
        placeholder={`Class ${number}`}
        autocomplete="off"
        maxLength={60}
        value={name}
        onInput={(event) => teaching.rename(id, event.currentTarget.value)}
      />
      <FileButton
        label={pictures.length === 0 ? "Add pictures" : countOf(pictures.length, "picture")}
        testId={`class-pictures-${number}`}
        accept="image/*"
        onFiles={(files) =>
          teaching.addPictures(
            id,
            files.map(({ file }) => file),
          )
        }
      />
      {canGo && (
        <button
          type="button"
          class="button button-quiet"
          aria-label={`Remove class ${number}`}
          onClick={() => teaching.remove(id)}
        >
          Remove
        </button>
      )}
    </li>
  );
};

const Outcome = ({ teaching }: { readonly teaching: Teaching }): VNode => {
  const run = teaching.run.value;
  const taught = teaching.taught.value;
  const right = taught?.rightWhenHeldAside;
  const openSaved = async (file: File): Promise<void> => teaching.open(file.name, await file.text());
  return (
    <div role="status" class="teaching-outcome">
      {run && (
        <p class="hint">
          Looks at picture {run.seen} of {run.of}.
        </p>
      )}
      {!run && taught && (
        <p class="hint" data-testid="taught">
          Ready: it names your photos now.
          {right != null && ` Of pictures held aside it named ${Math.round(100 * right)}\u00a0% rightly.`}
        </p>
      )}
      {teaching.failure.value && <FailureNote failure={teaching.failure.value} />}
      <div class="teaching-buttons">
        {taught && (
          <button
            type="button"
            class="button button-quiet"
            onClick={() => saveFile("classes.json", new Blob([JSON.stringify(taught)], { type: "application/json" }))}
          >
            Save these classes
          </button>
        )}
        <FileButton
          label="Open saved ones"
          testId="open-classes"
          accept="application/json"
          look="button-quiet"
          onFiles={([first]) => first && void openSaved(first.file)}
        />
      </div>
    </div>
  );
};
