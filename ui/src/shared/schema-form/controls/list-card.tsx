/** One object of a list, as a card that opens: what it is stands in its head. */
import { Badge, Collapse, UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import type { Json } from "@/graph/workflow";
import { FieldFaults } from "../field-faults";
import classes from "../form.module.css";
import { FormContext, useFaults, useForm } from "../form-context";
import { isObject } from "../schema";
import { setIn } from "../values";
import type { RowProps } from "./list-row";

export function ListCard({ place, shape, value, path: parent, label, opened, actions, whole }: RowProps) {
  const form = useForm();
  const path = useMemo(() => [...parent, place], [parent, place]);
  const faults = useFaults(path, true);
  const own = useFaults(path, false);
  // What has something wrong in it shows it without being asked.
  const [open, setOpen] = useState(opened || faults.length > 0);
  const summary = summaryOf(value);
  // As long as the list is only its default, a change within it writes all of it.
  const services = useMemo(() => {
    if (whole === null) return form;
    const edit: typeof form.edit = (at, next) =>
      form.edit(parent, setIn([...whole], at.slice(parent.length), next));
    return { ...form, edit };
  }, [form, whole, parent]);
  return (
    <div className={classes.card}>
      <div className={classes.cardHead}>
        <UnstyledButton className={classes.cardTitle} onClick={() => setOpen(!open)} aria-expanded={open}>
          {open ? (
            <IconChevronDown size={15} aria-hidden="true" />
          ) : (
            <IconChevronRight size={15} aria-hidden="true" />
          )}
          <span className={classes.cardName}>
            {label} {place + 1}
          </span>
          {summary && <span className={classes.cardSummary}>{summary}</span>}
          {faults.length > 0 && (
            <Badge size="xs" color="red" variant="light" tt="none">
              {faults.length === 1 ? "1 problem" : `${faults.length} problems`}
            </Badge>
          )}
        </UnstyledButton>
        {actions}
      </div>
      {own.length > 0 && (
        <div className={classes.cardFaults}>
          <FieldFaults own={null} faults={own} />
        </div>
      )}
      <Collapse expanded={open}>
        {open && (
          <FormContext.Provider value={services}>
            <div className={classes.cardBody}>
              <form.parts.Fields
                schema={shape.schema}
                value={isObject(value) ? value : {}}
                path={path}
                within={shape.template}
              />
            </div>
          </FormContext.Provider>
        )}
      </Collapse>
    </div>
  );
}

const PARTS = 3;

/** The first plain values of an object, as "big · input.total > 100". */
export function summaryOf(value: Json): string {
  if (!isObject(value)) return "";
  const plain = Object.values(value).filter((one) => typeof one === "string" || typeof one === "number");
  return plain
    .slice(0, PARTS)
    .map((one) => String(one).slice(0, 60))
    .filter((text) => text.trim() !== "")
    .join(" · ");
}
