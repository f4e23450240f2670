/**
 * An element. Text is only ever set as text, so that nothing of a model or a user becomes markup.
 * @param {string} tag Its name.
 * @param {object} properties Of the element, such as className; those with a hyphen are attributes, such as aria-label.
 * @param {...(Node|string)} children What it holds.
 */
export function element(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }

  made.append(...children);
  return made;
}

export function button(text, onClick, properties = {}) {
  const made = element("button", { type: "button", ...properties }, text);
  made.addEventListener("click", onClick);
  return made;
}

export function byId(id) {
  return document.getElementById(id);
}

/** Sets a text that may be the same as before, which then is no change for a screen reader. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Has the same number of children as there are items, each brought up to date, without making those anew that are there. */
export function fill(parent, items, make, update) {
  while (parent.childElementCount > items.length) parent.lastElementChild.remove();
  while (parent.childElementCount < items.length) parent.append(make());
  items.forEach((item, index) => update(parent.children[index], item, index));
}
