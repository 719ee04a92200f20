/** Wingbeat's look: quiet surfaces, one blue that leads, and colours of statuses that hold in light and dark. */
import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from "@mantine/core";

const wing: MantineColorsTuple = [
  "#eef3ff",
  "#dbe5ff",
  "#b5c8fd",
  "#8ba8fb",
  "#678df8",
  "#4f7af6",
  "#3465e6",
  "#2a5cdb",
  "#2151c4",
  "#1244ad",
];
const slate: MantineColorsTuple = [
  "#d5dbe6",
  "#b6bfcf",
  "#96a1b5",
  "#6f7b91",
  "#47526a",
  "#343e53",
  "#262f41",
  "#1a2130",
  "#141a26",
  "#0e131c",
];

export const theme = createTheme({
  colors: { wing, dark: slate },
  primaryColor: "wing",
  primaryShade: { light: 7, dark: 6 },
  defaultRadius: "md",
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: '"JetBrains Mono Variable", ui-monospace, "SF Mono", Menlo, monospace',
  headings: { fontWeight: "650" },
  cursorType: "pointer",
  respectReducedMotion: true,
  autoContrast: true,
  components: {
    Tooltip: {
      defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } },
    },
    CloseButton: { defaultProps: { "aria-label": "Close" } },
    ActionIcon: { defaultProps: { variant: "subtle", color: "gray" } },
    Modal: {
      defaultProps: {
        centered: true,
        closeButtonProps: { "aria-label": "Close" },
        overlayProps: { backgroundOpacity: 0.35, blur: 2 },
      },
    },
    Table: { defaultProps: { verticalSpacing: "xs", highlightOnHover: true } },
    Switch: { defaultProps: { withThumbIndicator: false } },
  },
});

/** Names of surfaces that all features use, beside Mantine's own variables. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: { "--wb-header-height": "52px" },
  light: {
    "--wb-surface": "#ffffff",
    "--wb-surface-sunken": "#f5f7fa",
    "--wb-canvas": "#f3f5f9",
    "--wb-canvas-dots": "#cfd6e2",
    "--wb-border": "#dfe4ec",
    "--wb-border-strong": "#b9c2d0",
    "--mantine-color-dimmed": "#586377",
    // What is wrong is said in small letters: Mantine's own red is too pale for those.
    "--mantine-color-error": "var(--mantine-color-red-9)",
    // Mantine's own are too pale to be read on the light ground of badges.
    "--mantine-color-teal-light-color": "#067051",
    "--mantine-color-orange-light-color": "#b03808",
    "--mantine-color-yellow-light-color": "#945000",
    "--mantine-color-green-light-color": "#23702f",
    ...quietGrounds(6, 13),
  },
  dark: {
    "--wb-surface": "#1a2130",
    "--wb-surface-sunken": "#141a26",
    "--wb-canvas": "#10151f",
    "--wb-canvas-dots": "#2b3548",
    "--wb-border": "#2c3648",
    "--wb-border-strong": "#47526a",
    "--mantine-color-dimmed": "#a0abbf",
    "--mantine-color-error": "var(--mantine-color-red-4)",
    // Read on cards and on lines that the mouse is over, too.
    "--mantine-color-anchor": "var(--mantine-color-wing-3)",
    "--mantine-color-body": "#141a26",
    ...quietGrounds(8, 24),
    "--mantine-color-wing-light": "color-mix(in srgb, var(--mantine-color-wing-6) 26%, var(--wb-surface))",
  },
});

/** Grounds of badges and alerts that say something without outshouting the page. */
function quietGrounds(shade: number, percent: number): Record<`--${string}`, string> {
  const colors = [
    "red",
    "pink",
    "grape",
    "violet",
    "indigo",
    "blue",
    "cyan",
    "teal",
    "green",
    "yellow",
    "orange",
  ];
  return Object.fromEntries(
    colors.map((color) => [
      `--mantine-color-${color}-light`,
      `color-mix(in srgb, var(--mantine-color-${color}-${shade}) ${percent}%, var(--wb-surface))`,
    ]),
  );
}
