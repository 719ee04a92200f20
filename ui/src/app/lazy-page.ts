import { lazyRouteComponent } from "@tanstack/react-router";
import { whenThere } from "@/shared/api/reach";

/**
 * A page that is loaded when it is first shown. Without a connection the page before it stays, until there is one: the
 * router would load the whole app again, which then is gone.
 */
export function lazyPage<Part extends Record<string, unknown>, Name extends keyof Part>(
  load: () => Promise<Part>,
  name: Name,
) {
  return lazyRouteComponent<Part, Name>(() => whenThere(load), name);
}
