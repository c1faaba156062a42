const NAME = 'wurstwerk.key';

/** The API key: kept for this tab only, never in a URL or a cookie. */
export class Key {
  get value() {
    return sessionStorage.getItem(NAME);
  }

  set value(key) {
    if (key === null) {
      sessionStorage.removeItem(NAME);
    } else {
      sessionStorage.setItem(NAME, key);
    }
  }
}

/** Asks for a key whenever the server wants one, and shows the desk again when it has one. */
export class KeyForm {
  constructor(key, onKey) {
    this.key = key;
    this.section = document.getElementById('key');
    this.desk = document.getElementById('desk');
    this.field = document.getElementById('key-value');
    this.wrong = document.getElementById('key-error');
    this.forget = document.getElementById('forget-key');
    this.forget.hidden = key.value === null;
    this.forget.addEventListener('click', () => {
      key.value = null;
      // Nothing of the tenant stays on the page.
      location.reload();
    });
    document.getElementById('key-form').addEventListener('submit', (event) => {
      event.preventDefault();
      const given = this.field.value.trim();
      // A header can hold nothing else.
      if (!/^[!-~]+$/.test(given)) {
        this.complain('A key is one word of letters, digits and signs, without spaces.');
        return;
      }
      key.value = given;
      this.field.value = '';
      this.section.hidden = true;
      this.desk.hidden = false;
      this.forget.hidden = false;
      onKey();
      document.getElementById('prompt').focus();
    });
  }

  /** The server has refused: there was no key, or not this one. */
  ask() {
    if (!this.section.hidden) {
      return;
    }
    const refused = this.key.value !== null;
    this.key.value = null;
    this.forget.hidden = true;
    this.desk.hidden = true;
    this.section.hidden = false;
    if (refused) {
      this.complain('This key is not known here.');
    }
    this.field.focus();
  }

  complain(words) {
    this.wrong.textContent = words;
    this.wrong.hidden = false;
    this.field.setAttribute('aria-invalid', 'true');
    this.field.focus();
  }
}
