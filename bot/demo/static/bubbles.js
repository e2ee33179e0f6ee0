// One message as a bubble, with its buttons.

import { clock, make } from "./dom.js";

const LINK = /(https?:\/\/[^\s)]+|(?<![\w/])\/[a-z_]{2,32}\b)/g;

export function bubble(message, state, actions) {
  const who = message.who === "bot" ? "NTARS" : state.name;
  const body = make("div", { class: "bubble" },
    make("span", { class: "unseen" }, `${who}: `),
    message.quote ? make("p", { class: "quote" }, message.quote) : null,
    content(message, who, actions),
    message.text ? make("p", { class: "words" }, ...linked(message.text, actions)) : null,
    when(message, actions));
  const pressed = (button) => state.pending.includes(`${message.id}:${button.data}`);
  return make("li", { class: `${message.who} arrived`, "data-id": message.id }, body,
    message.buttons.length ? rows(message.buttons, (button) => actions.tap(message, button), pressed) : null);
}

export function rows(buttons, press, pressed = () => false) {
  return make("div", { class: "rows" }, ...buttons.map((row) =>
    make("div", {}, ...row.map((button) => button.url
      ? make("a", { href: button.url, target: "_blank", rel: "noopener" }, button.text)
      : make("button", {
          type: "button", class: button.style ?? "", "aria-busy": pressed(button) ? "true" : null,
          onclick: () => press(button),
        }, button.text)))));
}

function content(message, who, actions) {
  if (message.kind === "photo") {
    return make("img", { class: "photo", src: message.file, alt: `Photo from ${who}`, loading: "lazy" });
  }
  if (message.kind === "location" || message.kind === "venue") return actions.sketch(message.place);
  if (message.kind === "voice") return make("audio", { controls: true, src: message.file, "aria-label": "Voice note" });
  if (message.kind === "document") return make("a", { href: message.file, target: "_blank", rel: "noopener" }, message.name);
  return message.text ? null : make("p", { class: "words" }, `(${message.kind})`);
}

function when(message, actions) {
  const canEdit = message.who === "person" && message.text;
  return make("p", { class: "when" },
    message.who === "bot" && message.text
      ? make("button", { type: "button", onclick: () => actions.quote(message) }, "Quote") : null,
    canEdit ? make("button", { type: "button", onclick: () => actions.edit(message) }, "Change") : null,
    message.silent ? make("span", {}, "without sound") : null,
    message.edited ? make("span", {}, "edited") : null,
    make("time", {}, clock(message.at)));
}

function linked(text, actions) {
  return text.split(LINK).map((part) => {
    if (/^https?:/.test(part)) return make("a", { href: part, target: "_blank", rel: "noopener" }, part);
    if (/^\/[a-z_]{2,32}$/.test(part)) {
      return make("button", { type: "button", class: "command", onclick: () => actions.command(part) }, part);
    }
    return part;
  });
}
