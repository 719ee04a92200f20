/**
 * The icon and colour of a node, from the words of its description. No type is known here: a type of anybody's gets the
 * icon of the first word that its title has in common with this table, else that of its category.
 */
import type { MantineColor } from "@mantine/core";
import {
  type Icon,
  IconAlertOctagon,
  IconArrowsJoin,
  IconArrowsShuffle2,
  IconArrowsSplit,
  IconArrowsSplit2,
  IconBell,
  IconBolt,
  IconBox,
  IconBrowser,
  IconCalculator,
  IconCalendarTime,
  IconChecklist,
  IconChevronsRight,
  IconClock,
  IconClockPause,
  IconCode,
  IconCopyMinus,
  IconDatabase,
  IconFile,
  IconFileCode,
  IconFilter,
  IconFlag,
  IconForms,
  IconGauge,
  IconGitCompare,
  IconHandClick,
  IconHourglassLow,
  IconKey,
  IconLifebuoy,
  IconListNumbers,
  IconMail,
  IconMarkdown,
  IconMessage,
  IconPlayerSkipForward,
  IconPuzzle,
  IconRepeat,
  IconRoute,
  IconScissors,
  IconSend,
  IconShieldCheck,
  IconSitemap,
  IconSortAscending,
  IconSparkles,
  IconSum,
  IconTableImport,
  IconTerminal2,
  IconTransform,
  IconUserCheck,
  IconVariable,
  IconWebhook,
  IconWorld,
} from "@tabler/icons-react";
import type { NodeType } from "@/graph/node-type";

export interface Look {
  readonly icon: Icon;
  readonly color: MantineColor;
}

const BY_CATEGORY: Readonly<Record<string, Look>> = {
  trigger: { icon: IconBolt, color: "teal" },
  condition: { icon: IconArrowsSplit2, color: "orange" },
  action: { icon: IconSend, color: "blue" },
  data: { icon: IconTransform, color: "violet" },
  flow: { icon: IconRoute, color: "cyan" },
  loop: { icon: IconRepeat, color: "pink" },
  code: { icon: IconCode, color: "indigo" },
};
const OTHER: Look = { icon: IconBox, color: "gray" };

const BY_WORD: ReadonlyArray<readonly [RegExp, Icon]> = [
  [/\b(ai|model|agent)\b/, IconSparkles],
  [/\be-?mail|\bletter/, IconMail],
  [/\bhttp\b|\bapi\b/, IconWorld],
  [/\bwebhook|\bwait for a call/, IconWebhook],
  [/\bbrowser/, IconBrowser],
  [/\bchat message|\bmessage/, IconMessage],
  [/\bcommand|\bshell/, IconTerminal2],
  [/\bapprov/, IconUserCheck],
  [/\btask/, IconChecklist],
  [/\bnotif/, IconBell],
  [/\bdatabase|\bsql\b/, IconDatabase],
  [/\bsub-?workflow|\bby a workflow/, IconSitemap],
  [/\bmodule|\bplug-?in/, IconPuzzle],
  [/\bschedule|\bcalendar|\bdate\b/, IconCalendarTime],
  [/\bform\b/, IconForms],
  [/\bmanual/, IconHandClick],
  [/\bfailed|\bstop and error/, IconAlertOctagon],
  [/\bwait\b/, IconHourglassLow],
  [/\bdelay/, IconClockPause],
  [/\btime\b/, IconClock],
  [/\bfilter/, IconFilter],
  [/\bsort/, IconSortAscending],
  [/\baggregat|\bsum\b/, IconSum],
  [/\bcompar/, IconGitCompare],
  [/\bcrypto|\bsign\b|\bhash/, IconKey],
  [/\bdeduplicat/, IconCopyMinus],
  [/\blimit\b/, IconListNumbers],
  [/\brate\b/, IconGauge],
  [/\bmarkdown/, IconMarkdown],
  [/\bhtml|\bxml|\bjson/, IconFileCode],
  [/\bfile/, IconFile],
  [/\ba\/b\b|\brandom/, IconArrowsShuffle2],
  [/\bsplit/, IconScissors],
  [/\bvalidat|\bcheck/, IconShieldCheck],
  [/\bvariable/, IconVariable],
  [/\bcalculat/, IconCalculator],
  [/\btable|\bsheet|\bcsv/, IconTableImport],
  [/\bmerge|\bjoin/, IconArrowsJoin],
  [/\bparallel/, IconArrowsSplit],
  [/\bhandler|\bfallback/, IconLifebuoy],
  [/\bbreak\b/, IconPlayerSkipForward],
  [/\bcontinue\b/, IconChevronsRight],
  [/^end\b/, IconFlag],
];

const known = new WeakMap<NodeType, Look>();

export function lookOf(type: NodeType | undefined): Look {
  if (type === undefined) return OTHER;
  let look = known.get(type);
  if (look === undefined) {
    const category = BY_CATEGORY[type.category] ?? OTHER;
    const title = type.title.toLowerCase();
    look = { ...category, icon: BY_WORD.find(([word]) => word.test(title))?.[1] ?? category.icon };
    known.set(type, look);
  }
  return look;
}
