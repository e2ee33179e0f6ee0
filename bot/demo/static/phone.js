// The phone on the left: people, chat, the bot's keyboard, and everything that can be sent.

import { bubble, rows } from "./bubbles.js";
import { element, make, post } from "./dom.js";

export class Phone {
  constructor(setting, map, photos) {
    this.setting = setting;
    this.map = map;
    this.photos = photos;
    this.states = new Map();
    this.ids = [];
    this.current = null;
    this.quoted = null;
    this.editing = null;
    this.drawn = new Map();
    this.atEnd = true;
    this.chat = element("chat");
    this.bubbles = element("bubbles");
    this.words = element("words");
    this.#poster();
    this.#listen();
    this.#keepAtEnd();
  }

  people(ids) {
    this.ids = ids;
    this.current ??= ids[0];
    this.#drawPeople();
  }

  update(state) {
    this.states.set(state.id, state);
    this.#drawPeople();
    if (state.id === this.current) this.#draw(state);
  }

  show(id) {
    this.current = id;
    this.quoted = this.editing = null;
    this.drawn.clear();
    this.atEnd = true;
    this.bubbles.replaceChildren();
    this.#tray(false);
    this.#drawPeople();
    if (this.states.has(id)) this.#draw(this.states.get(id));
  }

  async #send(act, body) {
    const answer = await post(`/phones/${this.current}/${act}`, body);
    this.#notice(answer.error ?? "");
    return !answer.error;
  }

  #notice(words) {
    const line = element("notice");
    if (line.textContent !== words) line.textContent = words;
  }

  #drawPeople() {
    const group = element("people");
    const wanted = this.ids.filter((id) => this.states.has(id));
    const shown = [...group.children].map((button) => Number(button.dataset.id));
    if (wanted.join() !== shown.join()) {
      group.replaceChildren(...wanted.map((id) =>
        make("button", { type: "button", "data-id": id, onclick: () => this.show(id) }, this.states.get(id).name)));
    }
    for (const button of group.children) button.setAttribute("aria-pressed", Number(button.dataset.id) === this.current);
  }

  #draw(state) {
    element("start").hidden = state.started && !state.blocked;
    element("composer").hidden = !state.started || state.blocked;
    element("bot-kind").textContent = state.blocked ? "blocked" : "bot";
    element("block").textContent = state.blocked ? "Unblock the bot" : "Block the bot";
    this.#notice(state.notice);
    this.#drawChat(state);
    this.#drawKeyboard(state);
    this.#drawCommands(state);
  }

  #drawChat(state) {
    const actions = {
      tap: (message, button) => this.#tap(message, button),
      command: (words) => this.#send("text", { text: words }),
      quote: (message) => this.#quote(message),
      edit: (message) => this.#edit(message),
      sketch: (place) => this.map.sketch(place),
    };
    const kept = new Set();
    for (const message of state.messages) {
      const version = `${message.order} ${state.pending.filter((tap) => tap.startsWith(`${message.id}:`))}`;
      const old = this.drawn.get(message.id);
      kept.add(message.id);
      if (old?.version === version) continue;
      const drawn = bubble(message, state, actions);
      if (old) this.#replace(old.item, drawn);
      else this.bubbles.append(drawn);
      this.drawn.set(message.id, { version, item: drawn });
    }
    for (const [id, { item }] of this.drawn) {
      if (!kept.has(id)) {
        item.remove();
        this.drawn.delete(id);
      }
    }
    this.#drawNothing(state);
  }

  #replace(old, drawn) {
    const focused = old.contains(document.activeElement);
    old.replaceWith(drawn);
    // A pressed button goes away with its message's new version: the focus stays in the chat.
    if (focused) (drawn.querySelector("[aria-busy='true']") ?? this.chat).focus({ preventScroll: true });
  }

  #drawNothing(state) {
    this.bubbles.querySelector(".nothing")?.remove();
    if (!state.messages.length) {
      this.bubbles.append(make("li", { class: "nothing" }, "This phone has just opened the chat. Press START."));
    }
  }

  #drawKeyboard(state) {
    const place = element("keyboard");
    place.hidden = !state.keyboard.length || state.blocked;
    const version = JSON.stringify(state.keyboard);
    if (place.dataset.version === version) return;
    place.dataset.version = version;
    place.replaceChildren(rows(state.keyboard, (button) => this.#tap(null, button)));
  }

  #drawCommands(state) {
    const place = element("commands");
    const version = JSON.stringify(state.commands);
    if (place.dataset.version === version) return;
    place.dataset.version = version;
    place.replaceChildren(...state.commands.map(({ command, description }) =>
      make("button", { type: "button", onclick: () => this.#command(command) },
        `/${command}`, make("span", {}, description))));
  }

  #command(command) {
    this.#tray(false);
    this.words.focus();
    this.#send("text", { text: `/${command}` });
  }

  #tap(message, button) {
    if (!message) this.words.focus();
    this.#send("tap", { message: message?.id ?? null, data: button.data, label: button.text });
  }

  #quote(message) {
    this.quoted = message.id;
    this.editing = null;
    this.#drawQuoting(`Quoting: ${message.text}`);
  }

  #edit(message) {
    this.editing = message.id;
    this.quoted = null;
    this.words.value = message.text;
    this.#drawQuoting(`Changing: ${message.text}`);
  }

  #drawQuoting(words) {
    element("quoting").hidden = !words;
    element("quoting-words").textContent = words;
    this.words.focus();
  }

  #dropQuote() {
    this.quoted = this.editing = null;
    this.#drawQuoting("");
  }

  #tray(open) {
    element("tray").hidden = !open;
    element("attach").setAttribute("aria-expanded", open);
  }

  #poster() {
    const { poster } = this.setting;
    element("code").textContent = poster.code;
    element("poster-shop").textContent = `${poster.name}, ${poster.address}`;
    this.payload = new URL(poster.telegram ?? "https://t.me/", "https://t.me/").searchParams.get("start") ?? poster.code;
  }

  #keepAtEnd() {
    // Pictures that load and keyboards that open move the end of the chat away from under the reader.
    const stay = new ResizeObserver(() => {
      if (this.atEnd) this.chat.scrollTop = this.chat.scrollHeight;
    });
    stay.observe(this.chat);
    stay.observe(this.bubbles);
    let last = 0;
    this.chat.addEventListener("scroll", () => {
      const top = this.chat.scrollTop;
      const left = this.chat.scrollHeight - top - this.chat.clientHeight;
      // Only a reader scrolls up; that more is left than a moment ago is new content.
      this.atEnd = left < 40 || (this.atEnd && top >= last);
      last = top;
    });
  }

  #listen() {
    element("start").addEventListener("click", async () => {
      const payload = element("scanned").checked ? this.payload : "";
      await this.#send("start", { payload });
      this.words.focus();
    });
    element("composer").addEventListener("submit", (event) => this.#submit(event));
    element("quoting-off").addEventListener("click", () => this.#dropQuote());
    element("attach").addEventListener("click", () => this.#tray(element("tray").hidden));
    element("tray").addEventListener("click", (event) => this.#attach(event.target.closest("[data-attach]")));
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !element("tray").hidden) {
        this.#tray(false);
        element("attach").focus();
      }
    });
  }

  async #submit(event) {
    event.preventDefault();
    const text = this.words.value;
    if (!text.trim()) return;
    const sent = this.editing
      ? await this.#send("edit", { message: this.editing, text })
      : await this.#send("text", { text, reply_to: this.quoted });
    if (!sent) return;
    this.words.value = "";
    this.#dropQuote();
  }

  async #attach(button) {
    if (!button) return;
    this.#tray(false);
    element("attach").focus();
    const kind = button.dataset.attach;
    if (kind === "map") {
      const place = await this.map.ask();
      if (place) await this.#send("pin", place);
    } else if (["photo", "album", "file"].includes(kind)) {
      await this.photos.ask(kind, (form) => this.#sendPhotos(form));
    } else {
      await this.#send(kind, {});
    }
  }

  async #sendPhotos(form) {
    const answer = await post(`/phones/${this.current}/photos`, form);
    return answer.error ?? "";
  }
}
