/** What has changed with a revision, in a few words, for whoever looks through the versions later. */
import { Textarea } from "@mantine/core";

const LONGEST = 1000;

interface Props {
  value: string;
  onChange: (message: string) => void;
}

export function WhatChanged({ value, onChange }: Props) {
  return (
    <Textarea
      label="What changed?"
      description="Optional. It is shown in the list of versions."
      autosize
      minRows={2}
      maxRows={6}
      maxLength={LONGEST}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
