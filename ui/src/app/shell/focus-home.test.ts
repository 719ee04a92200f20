// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { keepFocusHome } from "./focus-home";

const find = (selector: string) => document.querySelector<HTMLElement>(selector) as HTMLElement;
const focused = () => document.activeElement?.id;
/** Until what watches the page has seen it, and taken its time. */
async function settle(milliseconds = 100): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds);
}

describe("the focus", () => {
  let stop = () => {};
  beforeEach(() => {
    vi.useFakeTimers();
    document.body.innerHTML = `
      <nav><a href="/" id="start">Start</a></nav>
      <main id="main" tabindex="-1">
        <ul>
          <li id="one"><button id="first">x</button></li>
          <li id="two"><button id="second">x</button></li>
        </ul>
        <section id="part" tabindex="-1"><p><button id="alone">x</button></p></section>
        <button id="save">Save</button><button id="publish">Publish</button>
      </main>`;
    stop = keepFocusHome();
  });
  afterEach(() => {
    stop();
    vi.useRealTimers();
    document.body.innerHTML = "";
  });

  it("goes to the next of a list when one is taken away, and back at the end of it", async () => {
    find("#first").focus();
    find("#one").remove();
    await settle();
    expect(focused()).toBe("second");
  });

  it("goes to the part around it where nothing is beside it", async () => {
    find("#alone").focus();
    find("#part p").remove();
    await settle();
    expect(focused()).toBe("part");
  });

  it("comes back to a button that was switched off for a moment, and goes on from one that stays so", async () => {
    const save = find("#save") as HTMLButtonElement;
    save.focus();
    save.disabled = true;
    save.blur();
    await settle(300);
    save.disabled = false;
    await settle(600);
    expect(focused()).toBe("save");
    save.disabled = true;
    save.blur();
    await settle(1_000);
    expect(focused()).toBe("publish");
  });

  it("returns to the page from what was over it", async () => {
    find("#save").focus();
    const over = document.createElement("div");
    over.setAttribute("data-portal", "true");
    over.innerHTML = '<button id="item">x</button>';
    document.body.append(over);
    find("#item").focus();
    over.remove();
    await settle();
    expect(focused()).toBe("save");
  });

  it("is not taken back to where it was before somebody clicked beside", async () => {
    find("#first").focus();
    find("#first").blur();
    find("#part").dispatchEvent(new Event("pointerup", { bubbles: true }));
    find("#one").remove();
    await settle(1_000);
    expect(document.activeElement).toBe(document.body);
  });

  it("is left alone where somebody only clicks beside", async () => {
    find("#save").focus();
    find("#save").blur();
    find("#one").remove();
    await settle(1_000);
    expect(document.activeElement).toBe(document.body);
  });
});
