/** The tour: a card beside each place in turn. Nothing is covered, and it can be left at any time. */
import { Button, CloseButton, Group, Portal, Text } from "@mantine/core";
import { useViewportSize, useWindowEvent } from "@mantine/hooks";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { useSession } from "@/shared/api/session";
import { type Box, placeBeside } from "./place-beside";
import { useTour } from "./tour-store";
import styles from "./welcome.module.css";

export interface TourStep {
  /** What it speaks of, as a selector. */
  target: string;
  title: string;
  text: string;
}

export function Tour({ steps }: { steps: readonly TourStep[] }) {
  const place = useTour((tour) => tour.step);
  const step = place === null ? undefined : steps[place];
  if (place === null || !step) return null;
  return <Stop key={place} step={step} place={place} count={steps.length} />;
}

function Stop({ step, place, count }: { step: TourStep; place: number; count: number }) {
  const { go, end } = useTour.getState();
  const userId = useSession((session) => session.user?.user_id ?? 0);
  const card = useRef<HTMLDivElement>(null);
  const target = useBoxOf(step.target);
  const [position, setPosition] = useState<{ left: number; top: number } | null>(null);
  const title = useId();
  const last = place === count - 1;
  const leave = () => end(userId);

  useLayoutEffect(() => {
    if (!card.current || !target) return;
    const { width, height } = card.current.getBoundingClientRect();
    setPosition(placeBeside(target, { width, height }, { width: innerWidth, height: innerHeight }));
  }, [target]);
  useEffect(() => card.current?.focus(), []);
  // The focus may be elsewhere: the page stays in use.
  useWindowEvent("keydown", (event) => event.key === "Escape" && leave());

  return (
    <Portal>
      {target && <div className={styles.ring} style={target} aria-hidden="true" />}
      <div
        ref={card}
        role="dialog"
        aria-labelledby={title}
        tabIndex={-1}
        className={styles.stop}
        style={position ?? { left: 24, top: 24 }}
      >
        <Group justify="space-between" wrap="nowrap">
          <Text size="xs" c="dimmed" fw={560}>
            {place + 1} of {count}
          </Text>
          <CloseButton size="sm" onClick={leave} aria-label="Leave the tour" />
        </Group>
        <h2 className={styles.stopTitle} id={title}>
          {step.title}
        </h2>
        <Text size="sm">{step.text}</Text>
        <Group justify="space-between" mt="md">
          <Button size="xs" variant="default" disabled={place === 0} onClick={() => go(place - 1)}>
            Back
          </Button>
          <Button size="xs" onClick={() => (last ? leave() : go(place + 1))}>
            {last ? "Done" : "Next"}
          </Button>
        </Group>
      </div>
    </Portal>
  );
}

/** Where something is on the screen; null where it is not there. */
function useBoxOf(selector: string): Box | null {
  const { width, height } = useViewportSize();
  const [box, setBox] = useState<Box | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it moves with the size of the window
  useLayoutEffect(() => {
    const found = document.querySelector(selector)?.getBoundingClientRect();
    setBox(found ? { left: found.left, top: found.top, width: found.width, height: found.height } : null);
  }, [selector, width, height]);
  return box;
}
