import type { VNode } from "preact";
import { useId, useState } from "preact/hooks";
import { VisionError } from "../../../../worker/contract/errors.ts";
import { LONGEST_TEXT, type LessonId, type LessonPlan, type WrittenText } from "../../../../worker/contract/lab.ts";
import { Answered } from "../frame/answered.tsx";
import { MatrixTable } from "../frame/matrix-table.tsx";
import { useWords } from "../state/lab-context.ts";
import type { Lab } from "../state/lab-worker.ts";
import { dateWords } from "./words.ts";

type Lessons = readonly [LessonId, LessonId];
type OwnTextProps = { readonly task: LessonPlan["task"]; readonly lessons: Lessons | null };

type Written = readonly [WrittenText, WrittenText] | "unread"; // a text they cannot read

const FIRST = { dates: "march 5, 2019", words: "patchlight" } as const;

type Question = { readonly text: string; readonly lessons: Lessons };

const write = async (lab: Lab, job: number, { text, lessons }: Question): Promise<Written> => {
  try {
    return [await lab.write(job, lessons[0], text), await lab.write(job, lessons[1], text)];
  } catch (error) {
    if (error instanceof VisionError && error.code === "invalid-argument") return "unread";
    throw error;
  }
};

/** A text of the visitor's own, what both models make of it, and where one of them looked. */
export const OwnText = ({ task, lessons }: OwnTextProps): VNode => {
  const words = useWords(dateWords);
  const id = useId();
  const [text, setText] = useState<string>(FIRST[task]);
  const asked = text.normalize("NFC").trim();
  return (
    <div class="own-text">
      <label for={id}>{words.own}</label>
      <input
        id={id}
        type="text"
        value={text}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={`${id}-hint`}
        data-testid="own-text"
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <p class="hint" id={`${id}-hint`}>
        {lessons ? (task === "dates" ? words.ownDate : words.ownWord) : words.trainFirst}
      </p>
      {lessons && asked === "" && <p role="status">{words.empty(String(LONGEST_TEXT))}</p>}
      {lessons && asked !== "" && (
        <Answered question={{ text: asked, lessons }} ask={write}>
          {(written) =>
            written === "unread" ? (
              <p role="status">{words.unread}</p>
            ) : (
              <WrittenTexts written={written} source={asked} />
            )
          }
        </Answered>
      )}
    </div>
  );
};

const WrittenTexts = ({ written, source }: { written: readonly WrittenText[]; source: string }): VNode => {
  const words = useWords(dateWords);
  const names = [words.with, words.without];
  const weights = written[0]?.weights;
  return (
    <>
      <h3>{words.written}</h3>
      <dl class="written">
        {written.map((each, at) => (
          <div key={names[at]}>
            <dt>{names[at]}</dt>
            <dd data-testid={`written-${at}`}>{each.written}</dd>
          </div>
        ))}
      </dl>
      {weights && (
        <MatrixTable
          caption={words.alignment}
          rows={weights}
          rowNames={[...written[0]!.written, words.end]}
          columnNames={[...source].map((character) => (character === " " ? "␣" : character))}
          shaded
          dense
          testId="alignment"
        />
      )}
    </>
  );
};
