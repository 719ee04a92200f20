/** The mark: two wings. */
export function Wings() {
  return (
    <svg viewBox="0 0 32 32" width={28} height={28} fill="currentColor" aria-hidden="true">
      <path d="M16 20C13 12 8 7 1 6c2 8 7 14 15 17z" />
      <path d="M16 20c3-8 8-13 15-14-2 8-7 14-15 17z" opacity=".62" />
      <path d="M16 20l-2.4 6h4.8z" opacity=".85" />
    </svg>
  );
}
