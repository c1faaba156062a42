import { element, say } from './element.js';

const SHAPES = [
  { name: 'Square', across: 1, down: 1 },
  { name: 'Portrait', across: 2, down: 3 },
  { name: 'Landscape', across: 3, down: 2 },
];

/** The choice of checkpoint, and what follows from it: guidance, sizes, the negative prompt that its makers recommend. */
export class Checkpoints {
  #byName = new Map();
  /** What this class has filled in itself and may replace. */
  #filled = new Map();

  constructor(fields) {
    this.fields = fields;
    this.select = fields.input('prior');
    this.recommended = document.getElementById('recommended');
    this.shapes = document.getElementById('shapes');
    this.select.addEventListener('change', () => this.#applyDefaults());
    this.recommended.addEventListener('click', () => {
      fields.set('negative_prompt', this.current().recommended_negative_prompt);
      fields.input('negative_prompt').focus();
      this.#showRecommended();
    });
    fields.form.addEventListener('input', () => {
      this.#showShapes();
      this.#showRecommended();
    });
  }

  current() {
    return this.#byName.get(this.select.value);
  }

  take(checkpoints) {
    const chosen = this.select.value;
    this.#byName = new Map(checkpoints.map((checkpoint) => [checkpoint.name, checkpoint]));
    this.select.replaceChildren(
      ...checkpoints.map(({ name, default: first }) => element('option', { value: name, selected: first }, name)),
    );
    if (this.#byName.has(chosen)) {
      this.select.value = chosen;
    }
    this.#applyDefaults();
  }

  /** After the form was filled from a job. */
  follow() {
    this.#limitSides();
    this.#showShapes();
    this.#showRecommended();
  }

  #applyDefaults() {
    const { default_guidance_scale: guidance, default_width: width, default_height: height } = this.current();
    this.#fill('prior_guidance_scale', guidance);
    this.#fill('width', width);
    this.#fill('height', height);
    this.follow();
  }

  #fill(name, value) {
    const input = this.fields.input(name);
    if (input.value === '' || input.value === this.#filled.get(name)) {
      this.fields.set(name, value);
      this.#filled.set(name, input.value);
    }
  }

  #limitSides() {
    const { min_side: min, max_side: max, side_multiple: step } = this.current();
    for (const name of ['width', 'height']) {
      Object.assign(this.fields.input(name), { min, max, step });
    }
  }

  #showRecommended() {
    const words = this.current()?.recommended_negative_prompt ?? '';
    this.recommended.hidden = words === '' || this.fields.input('negative_prompt').value === words;
  }

  #showShapes() {
    const checkpoint = this.current();
    if (checkpoint === undefined) {
      return;
    }
    const width = this.fields.input('width').value;
    const height = this.fields.input('height').value;
    if (this.shapes.childElementCount === 0) {
      this.shapes.append(...SHAPES.map((shape) => this.#shapeButton(shape)));
    }
    [...this.shapes.children].forEach((button, at) => {
      const [across, down] = sides(SHAPES[at], checkpoint);
      button.setAttribute('aria-pressed', String(width === String(across) && height === String(down)));
      button.title = `${across} × ${down}`;
      button.hidden = !isServed(checkpoint, across, down);
    });
  }

  #shapeButton(shape) {
    const outline = element('span', { class: 'shape-outline', 'aria-hidden': 'true' });
    const longest = Math.max(shape.across, shape.down);
    outline.style.width = `${(shape.across / longest) * 1.05}rem`;
    outline.style.height = `${(shape.down / longest) * 1.05}rem`;
    const button = element('button', { type: 'button', class: 'shape' }, outline, element('span', {}));
    say(button.lastElementChild, shape.name);
    button.addEventListener('click', () => {
      const [width, height] = sides(shape, this.current());
      this.fields.set('width', width);
      this.fields.set('height', height);
      this.fields.form.dispatchEvent(new Event('input'));
    });
    return button;
  }
}

/** Whether the model server was built for the size; where it says nothing, it draws all within the sides' limits. */
function isServed({ served_sizes: ranges }, width, height) {
  return (
    ranges === undefined ||
    ranges.some((range) => {
      const [smallest, largest = smallest] = range.split('-').map((size) => size.split('x').map(Number));
      return width >= smallest[0] && height >= smallest[1] && width <= largest[0] && height <= largest[1];
    })
  );
}

/** Sides of the shape with about the pixels of the checkpoint's default, where its range allows. */
function sides({ across, down }, checkpoint) {
  const { min_side: min, max_side: max, side_multiple: step } = checkpoint;
  const base = Math.sqrt((checkpoint.default_width * checkpoint.default_height) / (across * down));
  const fit = (side) => Math.min(Math.floor(max / step) * step, Math.max(Math.ceil(min / step) * step, side));
  const short = Math.max(step, Math.round((base * Math.min(across, down)) / step) * step);
  const long = Math.max(
    Math.round((base * Math.max(across, down)) / step) * step,
    across === down ? short : short + step,
  );
  return [across < down ? short : long, down < across ? short : long].map(fit);
}
