/** What is being run from the editor, and with what. One store per page; the app gives it what the editor knows. */
import { createStore, type StoreApi } from "zustand";
import type { NodeTypes } from "@/graph/node-type";
import type { Json, Workflow } from "@/graph/workflow";
import { ApiError } from "@/shared/api/errors";
import { notifyDone, notifyError } from "@/shared/ui/notify";
import {
  changeBreakpoints,
  type Extent,
  type Going,
  pauseRun,
  type Rehearsal,
  readLastOutput,
  rehearse,
  resumeRun,
  startPublished,
  startRun,
  stopRun,
} from "./api";
import {
  keepBreakpoints,
  keepTakesPin,
  keepTriggerData,
  readBreakpoints,
  readTakesPin,
  readTriggerData,
  type TriggerData,
} from "./kept";
import { type Trigger, triggerOf } from "./trigger/triggers";

/** What running needs of the editor. */
export interface Host {
  readonly workflow: Workflow;
  readonly nodeTypes: NodeTypes;
  /** Whether the caller may change the workflow, and so run what is not published. */
  readonly mayEdit: boolean;
  readonly mayRun: boolean;
  /** Resolves to whether the server has all of it. */
  save(): Promise<boolean>;
  show(node: string): void;
  /** Opens the list of what keeps the workflow from being run. */
  showProblems(): void;
  pin(node: string, output: Json | undefined): void;
}

export interface RunState {
  readonly workflowId: string;
  readonly host: Host | null;
  /** The run that is shown on the canvas, and how much of the workflow it runs. */
  readonly executionId: string | null;
  readonly extent: Extent;
  readonly rehearsal: Rehearsal | null;
  readonly breakpoints: ReadonlySet<string>;
  readonly data: TriggerData;
  readonly usePins: boolean;
  /** Whether runs begin with what is pinned at the trigger, and not with `data`. */
  readonly takesPin: boolean;
  /** What is being asked of the server just now. */
  readonly busy: "starting" | "testing" | "steering" | null;
  start(extent: Extent): Promise<void>;
  test(): Promise<void>;
  stop(): Promise<void>;
  pause(): Promise<void>;
  resume(mode: Going | null): Promise<void>;
  toggleBreakpoint(node: string): void;
  setHost(host: Host): void;
  setData(data: TriggerData): void;
  setTakesPin(takesPin: boolean): void;
  setUsePins(usePins: boolean): void;
  pinLast(node: string): Promise<void>;
  clear(): void;
}

export type RunStore = StoreApi<RunState>;

export function createRunStore(workflowId: string): RunStore {
  return createStore<RunState>((set, get) => {
    /** Does something with the server; what goes wrong is said. */
    const doing = async (busy: NonNullable<RunState["busy"]>, what: string, work: () => Promise<unknown>) => {
      if (get().busy !== null) return;
      set({ busy });
      try {
        await work();
      } catch (error) {
        notifyError(what, error);
        if (error instanceof ApiError && error.code === "WORKFLOW_INVALID") get().host?.showProblems();
      } finally {
        set({ busy: null });
      }
    };
    const steering = (what: string, work: (executionId: string) => Promise<unknown>) =>
      doing("steering", what, async () => {
        const { executionId } = get();
        if (executionId !== null) await work(executionId);
      });

    return {
      workflowId,
      host: null,
      executionId: null,
      extent: { kind: "all" },
      rehearsal: null,
      breakpoints: readBreakpoints(workflowId),
      data: readTriggerData(workflowId)[0] ?? { trigger: null, text: "{}" },
      usePins: true,
      takesPin: readTakesPin(workflowId),
      busy: null,
      start: (extent) =>
        doing("starting", "run the workflow", async () => {
          const { host, breakpoints, usePins } = get();
          if (host === null || (host.mayEdit && !(await host.save()))) return;
          const begin = host.mayEdit ? startRun : startPublished;
          const given = givenFor(get(), host.mayEdit && usePins);
          const executionId = await begin({
            workflowId,
            extent,
            breakpoints: within(breakpoints, host.workflow),
            usePins,
            ...given,
          });
          set({ executionId, extent, rehearsal: null });
        }),
      test: () =>
        doing("testing", "test the workflow", async () => {
          const { host } = get();
          if (host === null || (host.mayEdit && !(await host.save()))) return;
          const { trigger, data } = givenFor(get(), true);
          const rehearsal = await rehearse(workflowId, trigger, data);
          set({ rehearsal, executionId: null, extent: { kind: "all" } });
        }),
      stop: () => steering("stop the run", stopRun),
      pause: () => steering("pause the run", pauseRun),
      resume: (mode) => steering("go on", (executionId) => resumeRun(executionId, mode)),
      toggleBreakpoint: (node) => {
        const breakpoints = new Set(get().breakpoints);
        if (!breakpoints.delete(node)) breakpoints.add(node);
        set({ breakpoints });
        keepBreakpoints(workflowId, breakpoints);
        const { executionId, host } = get();
        if (executionId === null || host === null) return;
        // A run that has ended stops nowhere any more, and says so: nobody needs to hear it.
        void changeBreakpoints(executionId, within(breakpoints, host.workflow)).catch(() => {});
      },
      setHost: (host) => {
        const before = get().host;
        set({ host });
        // Whoever has just pinned other data means them.
        const now = startsBy(get())?.pinned;
        if (before !== null && now !== undefined && now !== startsBy({ ...get(), host: before })?.pinned)
          get().setTakesPin(true);
      },
      setData: (data) => {
        keepTriggerData(workflowId, data);
        set({ data });
        get().setTakesPin(false);
      },
      setTakesPin: (takesPin) => {
        keepTakesPin(workflowId, takesPin);
        set({ takesPin });
      },
      setUsePins: (usePins) => set({ usePins }),
      pinLast: (node) =>
        steering("pin the output", async (executionId) => {
          const output = await readLastOutput(executionId, node);
          if (output === undefined)
            throw new Error("The step gave nothing in this run, or too much to be kept.");
          get().host?.pin(node, output);
          notifyDone("Pinned: test runs, and runs with pins, take this output instead of running the step.");
        }),
      clear: () => set({ executionId: null, rehearsal: null }),
    };
  });
}

/** The data as JSON; no text is null. @throws SyntaxError */
export function parsed(text: string): Json {
  return text.trim() === "" ? null : (JSON.parse(text) as Json);
}

/** The trigger by which a run would begin. */
export function startsBy({ host, data }: Pick<RunState, "host" | "data">): Trigger | undefined {
  return host === null ? undefined : triggerOf(host.workflow, host.nodeTypes, data.trigger);
}

/** What a run is given. No data leave it to what is pinned; no trigger leaves the choice to the server. */
function givenFor(state: RunState, withPins: boolean): { trigger: string | null; data: Json } {
  const { host, data, takesPin } = state;
  const trigger = host?.workflow.nodes.some(({ id }) => id === data.trigger) ? data.trigger : null;
  const pinned = withPins && takesPin && startsBy(state)?.pinned !== undefined;
  return { trigger, data: pinned ? null : parsed(data.text) };
}

/** Breakpoints of nodes that are gone are kept, in case they come back, but not sent. */
function within(breakpoints: ReadonlySet<string>, workflow: Workflow): ReadonlySet<string> {
  return new Set(workflow.nodes.map((node) => node.id).filter((id) => breakpoints.has(id)));
}
