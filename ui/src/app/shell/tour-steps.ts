/** What the tour speaks of: places of the frame. */
import type { TourStep } from "@/features/welcome";

export const TOUR_STEPS: readonly TourStep[] = [
  {
    target: 'nav[aria-label="Main"] a[href="/workflows"]',
    title: "Workflows",
    text: "What you automate. Draw one, try it without side effects, and publish it: from then on it runs, by hand, by the clock, or when something comes in.",
  },
  {
    target: 'nav[aria-label="Main"] a[href="/templates"]',
    title: "Templates",
    text: "Workflows that work already, from a greeting to an approval with escalation. Take one and change it.",
  },
  {
    target: 'nav[aria-label="Main"] a[href="/executions"]',
    title: "Executions",
    text: "Every run, live and afterwards. Open one to see what each step was given and gave, where it failed, and to go on from there.",
  },
  {
    target: 'nav[aria-label="Main"] a[href="/inbox"]',
    title: "Inbox",
    text: "Workflows may ask people: approvals, tasks and messages for you arrive here.",
  },
  {
    target: 'nav[aria-label="Main"] button[aria-label="Help"]',
    title: "Help",
    text: "This tour again, and templates to learn from. Below it is your account, with light and dark.",
  },
];
