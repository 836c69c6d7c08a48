import type { VNode } from "preact";
import { COLOUR_MAPS, colourGradient } from "../../../overlay/colour-map.ts";
import { OVERLAY_STYLES } from "../../../overlay/overlay-options.ts";
import { USUAL_VIEW } from "../../state/looking/look-view.ts";
import { useApp } from "../app-context.ts";
import { ChoiceField } from "./choice-field.tsx";

const STYLES = { colours: "Colours", contours: "Contour lines", mask: "Only what matters most" } as const;
const UPSAMPLING = { bilinear: "Smooth", nearest: "Patches as they are" } as const;
const COLOURS = { viridis: "Viridis", magma: "Magma", inferno: "Inferno", grey: "Grey", coolwarm: "Cool to warm" };

/** How the map is drawn. */
export const Appearance = (): VNode => {
  const { looking } = useApp();
  const { style, colours, upsampling } = looking.view.value;
  const find = <T extends string>(known: readonly T[], value: string, usual: T): T =>
    known.find((each) => each === value) ?? usual;
  return (
    <div class="fields">
      <ChoiceField
        label="Style"
        testId="style"
        value={style}
        options={OVERLAY_STYLES.map((each) => [each, STYLES[each]])}
        onChange={(value) => looking.change({ style: find(OVERLAY_STYLES, value, USUAL_VIEW.style) })}
      />
      {style !== "mask" && (
        <ChoiceField
          label="Colours"
          testId="colours"
          value={colours}
          options={COLOUR_MAPS.map((each) => [each, COLOURS[each]])}
          onChange={(value) => looking.change({ colours: find(COLOUR_MAPS, value, USUAL_VIEW.colours) })}
        />
      )}
      {style === "colours" && (
        <ChoiceField
          label="Between patches"
          testId="upsampling"
          value={upsampling}
          options={Object.entries(UPSAMPLING)}
          onChange={(value) => looking.change({ upsampling: value === "nearest" ? "nearest" : "bilinear" })}
        />
      )}
      {style !== "mask" && <div class="swatch" aria-hidden="true" style={{ background: colourGradient(colours) }} />}
    </div>
  );
};
