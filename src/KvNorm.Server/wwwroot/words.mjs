// How numbers are written for people.
const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];

export function number(value) {
  return whole.format(value);
}

/** "1 passage", "2 passages". */
export function count(value, what) {
  return `${number(value)} ${what}${value === 1 ? "" : "s"}`;
}

/** "38 %"; neither nothing nor all is said of what is only nearly so. */
export function percent(share) {
  const rounded = Math.round(share * 100);
  if (rounded === 0 && share > 0) return "under 1 %";
  if (rounded === 100 && share < 1) return "over 99 %";
  return `${rounded} %`;
}

export function bytes(value) {
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(value) / 10));
  return `${short.format(value / 1024 ** power)} ${units[power]}`;
}

export function speed(tokensPerSecond) {
  return short.format(tokensPerSecond);
}

export function milliseconds(value) {
  return value < 1 ? "under 1 ms" : `${number(value)} ms`;
}

/** The time of day. */
export function clock(time) {
  return time.toLocaleTimeString("en-GB");
}
