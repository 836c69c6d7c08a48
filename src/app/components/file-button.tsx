import type { VNode } from "preact";
import { useId } from "preact/hooks";
import type { IntakeFile } from "../intake/sort-files.ts";

type FileButtonProps = {
  readonly label: string;
  readonly testId: string;
  readonly onFiles: (files: readonly IntakeFile[]) => void;
  readonly accept?: string;
  readonly folder?: boolean;
  readonly look?: string; // further classes of the visible label
};

/** A file input that looks like the page's other buttons; the input itself keeps the focus and the keyboard. */
export const FileButton = ({ label, testId, onFiles, accept, folder = false, look = "" }: FileButtonProps): VNode => {
  const id = useId();
  const take = (input: HTMLInputElement): void => {
    const files = Array.from(input.files ?? [], (file) => ({ file, fromFolder: folder }));
    input.value = ""; // so that the same file can be chosen again
    if (files.length > 0) onFiles(files);
  };
  return (
    <span class={`file-button ${folder ? "file-button-folder" : ""}`}>
      <input
        id={id}
        ref={(input) => {
          if (input) input.webkitdirectory = folder; // not known to preact's types
        }}
        class="visually-hidden"
        type="file"
        multiple
        accept={accept}
        data-testid={testId}
        onChange={(event) => take(event.currentTarget)}
      />
      <label for={id} class={`button ${look}`}>
        {label}
      </label>
    </span>
  );
};
