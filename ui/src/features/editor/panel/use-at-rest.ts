import { useEffect, useLayoutEffect, useRef, useState } from "react";

/** A value as it was when the pointer went down, until it is up again: nothing changes its size under a hand that drags. */
export function useAtRest<Value>(value: Value): Value {
  const [rested, setRested] = useState(value);
  const latest = useRef(value);
  const down = useRef(false);
  useLayoutEffect(() => {
    latest.current = value;
    if (!down.current) setRested(value);
  }, [value]);
  useEffect(() => {
    const listening = new AbortController();
    const options = { capture: true, signal: listening.signal };
    const release = () => {
      down.current = false;
      // What the release itself does comes first.
      setTimeout(() => setRested(latest.current));
    };
    addEventListener("pointerdown", () => (down.current = true), options);
    addEventListener("pointerup", release, options);
    addEventListener("pointercancel", release, options);
    return () => listening.abort();
  }, []);
  return rested;
}
