/** How much is held of a token, in steps that can be told apart; each is a class of the style sheet, "held-0" and so on. */
export const shades = [
  { upTo: 0, name: "gone" },
  { upTo: 0.25, name: "up to ¼" },
  { upTo: 0.5, name: "up to ½" },
  { upTo: 0.75, name: "up to ¾" },
  { upTo: 0.999, name: "nearly all" },
  { upTo: 1, name: "all" },
];

/** The step of a share, 0 to 1. */
export function shadeOf(held) {
  const index = shades.findIndex((shade) => held <= shade.upTo);
  return index < 0 ? shades.length - 1 : index;
}

/** How many tokens are held whole, in part and not at all. */
export function summary(tokens) {
  const gone = tokens.filter((token) => shadeOf(token.held) === 0).length;
  const held = tokens.filter((token) => shadeOf(token.held) === shades.length - 1).length;
  return { held, partly: tokens.length - held - gone, gone };
}
