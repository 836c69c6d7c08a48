import type { VNode } from "preact";
import type { Player } from "../../state/player.ts";

type PlayButtonProps = {
  readonly player: Player;
  readonly testId: string;
  readonly label: string;
  readonly next: string; // where motion is unwelcome
};

/** Goes through things by itself; where motion is unwelcome, one at a time. */
export const PlayButton = ({ player, testId, label, next }: PlayButtonProps): VNode => {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  if (still) {
    return (
      <button type="button" class="button button-quiet" data-testid={testId} onClick={player.step}>
        {next}
      </button>
    );
  }
  const playing = player.playing.value;
  return (
    <button type="button" class="button button-quiet" data-testid={testId} onClick={player.toggle}>
      {playing ? "Pause" : label}
    </button>
  );
};
