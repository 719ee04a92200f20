/** Yes or no, one of several, several of several, and lists of plain texts. */
import { MultiSelect, SegmentedControl, Select, Switch, TagsInput, Text } from "@mantine/core";
import type { Json } from "@/graph/workflow";
import { type Option, valueLabel } from "../control";
import classes from "../form.module.css";
import { type ControlProps, useForm } from "../form-context";
import { Prose } from "../prose";
import { textOf, textsOf } from "../schema";
import { helpPerValue } from "../words";

export function BooleanControl(props: ControlProps) {
  const { id, label, shape, value, onChange, describedBy } = props;
  const { readOnly } = useForm();
  if (shape.nullable) return <UndecidedControl {...props} />;
  const shown = typeof value === "boolean" ? value : shape.schema.default === true;
  return (
    <Switch
      id={id}
      checked={shown}
      disabled={readOnly}
      onChange={(event) => onChange(event.currentTarget.checked)}
      label={shown ? "Yes" : "No"}
      aria-label={label}
      aria-describedby={describedBy}
      classNames={{ label: classes.switchWord }}
    />
  );
}

/** Yes, no, or what is usual. */
function UndecidedControl({ label, value, onChange }: ControlProps) {
  const { readOnly } = useForm();
  return (
    <SegmentedControl
      aria-label={label}
      disabled={readOnly}
      value={typeof value === "boolean" ? String(value) : "usual"}
      onChange={(chosen) => onChange(chosen === "usual" ? undefined : chosen === "true")}
      data={[
        { value: "usual", label: "As usual" },
        { value: "true", label: "Yes" },
        { value: "false", label: "No" },
      ]}
    />
  );
}

const LETTERS_BESIDE = 30;

export function ChoiceControl(props: ControlProps) {
  const { shape, value } = props;
  const options = shape.control.kind === "choice" ? shape.control.options : [];
  const chosen = value ?? (shape.schema.default as Json | undefined);
  const letters = options.reduce((sum, { label }) => sum + label.length + 2, 0);
  const beside = options.length <= 4 && letters <= LETTERS_BESIDE && chosen !== undefined && chosen !== null;
  const description = textOf(shape.schema.description);
  const help = helpPerValue(
    description,
    options.map((one) => String(one.value)),
  ).of;
  return (
    <>
      {beside ? <Beside {...props} options={options} /> : <Below {...props} options={options} help={help} />}
      {help.get(String(chosen)) && (
        <Text size="xs" className={classes.chosen}>
          <Prose text={help.get(String(chosen)) ?? ""} />
        </Text>
      )}
    </>
  );
}

interface WithOptions extends ControlProps {
  options: readonly Option[];
}

const key = (value: Json) => (typeof value === "string" ? value : JSON.stringify(value));

function Beside({ label, value, onChange, options, shape }: WithOptions) {
  const { readOnly } = useForm();
  const chosen = value ?? (shape.schema.default as Json | undefined) ?? null;
  return (
    <SegmentedControl
      aria-label={label}
      disabled={readOnly}
      value={key(chosen)}
      onChange={(next) => onChange(options.find((one) => key(one.value) === next)?.value)}
      data={options.map((one) => ({ value: key(one.value), label: one.label }))}
    />
  );
}

interface WithHelp extends WithOptions {
  help: ReadonlyMap<string, string>;
}

function Below({
  id,
  label,
  value,
  onChange,
  options,
  help,
  shape,
  invalid,
  describedBy,
  required,
}: WithHelp) {
  const { readOnly } = useForm();
  const normal = shape.schema.default as Json | undefined;
  const chosen = value ?? normal;
  const known = chosen === undefined || chosen === null || options.some((one) => one.value === chosen);
  const data = options.map((one) => ({ value: key(one.value), label: one.label }));
  return (
    <Select
      id={id}
      value={chosen === undefined || chosen === null ? null : key(chosen)}
      onChange={(next) => onChange(options.find((one) => key(one.value) === next)?.value)}
      data={known ? data : [...data, { value: key(chosen), label: valueLabel(chosen) }]}
      placeholder="Choose"
      searchable={options.length > 8}
      clearable={!required && (normal === null || normal === undefined)}
      allowDeselect={false}
      disabled={readOnly}
      error={invalid}
      aria-label={label}
      aria-describedby={describedBy}
      renderOption={({ option }) => (
        <div>
          <Text size="sm">{option.label}</Text>
          {help.get(option.value) && (
            <Text size="xs" c="dimmed" lineClamp={2}>
              <Prose text={help.get(option.value) ?? ""} />
            </Text>
          )}
        </div>
      )}
    />
  );
}

export function ChoicesControl({ id, label, shape, value, onChange, invalid }: ControlProps) {
  const { readOnly } = useForm();
  const options = shape.control.kind === "choices" ? shape.control.options : [];
  const chosen = textsOf(value ?? shape.schema.default);
  return (
    <MultiSelect
      id={id}
      aria-label={label}
      value={chosen}
      onChange={(next) => onChange(next)}
      data={options.map((one) => ({ value: key(one.value), label: one.label }))}
      disabled={readOnly}
      error={invalid}
      searchable
    />
  );
}

export function TextsControl({ id, label, shape, value, onChange, invalid, describedBy }: ControlProps) {
  const { readOnly } = useForm();
  const texts = textsOf(value ?? shape.schema.default);
  const examples = textsOf(Array.isArray(shape.schema.examples) ? shape.schema.examples[0] : []);
  // A comma or a space too many is no text of its own.
  const change = (next: string[]) => {
    const said = next.map((text) => text.trim()).filter(Boolean);
    onChange(said.length === 0 ? undefined : said);
  };
  return (
    <TagsInput
      id={id}
      value={texts}
      onChange={change}
      placeholder={texts.length === 0 ? examples.join(", ") || "Type, then press Enter" : ""}
      readOnly={readOnly}
      error={invalid}
      acceptValueOnBlur
      splitChars={[","]}
      aria-label={label}
      aria-describedby={describedBy}
    />
  );
}
