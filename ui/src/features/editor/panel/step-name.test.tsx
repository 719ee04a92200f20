import { MantineProvider } from "@mantine/core";
import { act, cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { StepName } from "./step-name";

const field = vi.fn();
vi.mock("./use-change", () => ({ useNodeChanges: () => ({ field }) }));
vi.mock("../store", () => ({ useEditor: () => false }));

afterEach(cleanup);

it("names the step when the field is left, takes back with Escape, and gives the type's name back to an empty one", () => {
  render(
    <MantineProvider>
      <StepName node={{ id: "sort", type: "sort", name: "Sort them" }} title="Sort" />
    </MantineProvider>,
  );
  const input = screen.getByLabelText<HTMLInputElement>("Name of the step");
  act(() => input.focus());
  fireEvent.change(input, { target: { value: "By price" } });
  fireEvent.keyDown(input, { key: "Escape" });
  expect(input.value).toBe("Sort them");
  expect(document.activeElement).toBe(document.body);
  expect(field).not.toHaveBeenCalled();
  fireEvent.change(input, { target: { value: " By price " } });
  fireEvent.blur(input);
  expect(field).toHaveBeenLastCalledWith("name", "By price");
  fireEvent.change(input, { target: { value: " " } });
  fireEvent.blur(input);
  expect(field).toHaveBeenLastCalledWith("name", undefined);
});
