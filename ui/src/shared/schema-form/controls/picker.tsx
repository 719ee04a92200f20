/** A thing that is chosen from what there is, by who knows it; a field of text where nobody does. */
import { TagsInput } from "@mantine/core";
import { type ControlProps, useForm } from "../form-context";
import { textOf, textsOf } from "../schema";
import { TextControl } from "./text";

export function PickerControl(props: ControlProps) {
  const { id, shape, value, onChange, label, invalid, path } = props;
  const { pickers, readOnly } = useForm();
  const { control } = shape;
  if (control.kind !== "picker") return null;
  const Picker = pickers[control.pick];
  if (Picker)
    return (
      <Picker
        key={path.join(".")}
        id={id}
        label={label}
        value={value}
        onChange={onChange}
        kinds={control.kinds}
        many={control.many}
        invalid={invalid}
        readOnly={readOnly}
      />
    );
  if (!control.many) return <TextControl {...props} />;
  const texts = Array.isArray(value) ? textsOf(value) : [textOf(value)].filter(Boolean);
  return (
    <TagsInput
      id={id}
      value={texts}
      onChange={(next) => onChange(next.length === 0 ? undefined : next)}
      readOnly={readOnly}
      error={invalid}
      acceptValueOnBlur
    />
  );
}
