/**
 * Makes an element. Children are elements or words, and words stay words: nothing that anybody typed becomes markup.
 *
 * @param {string} tag
 * @param {Object} attributes `on` holds listeners; what is null or false is left out
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : String(value));
    }
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** Sets words only where they changed: a screen reader, a selection and the layout are left alone otherwise. */
export function say(target, words) {
  if (target.textContent !== words) {
    target.textContent = words;
  }
}

/**
 * Makes a list show these views in this order and keeps the elements that are there already, so that focus and
 * scrolling survive.
 *
 * @param {Array<{element: Element}>} views
 */
export function arrange(list, views) {
  let place = list.firstElementChild;
  for (const view of views) {
    if (view.element === place) {
      place = place.nextElementSibling;
    } else {
      list.insertBefore(view.element, place);
    }
  }
  while (place !== null) {
    const next = place.nextElementSibling;
    place.remove();
    place = next;
  }
}
