// The right side: what just happened, the inboxes, and the mail that is open.

import { Reader } from "./reader.js";
import { clock, element, make } from "./dom.js";

export class Office {
  constructor(setting) {
    this.pigeonholes = setting.inboxes;
    this.shorts = new Map(this.pigeonholes.flatMap((hole) => hole.who.map((one) => [one.email, one.short])));
    this.titles = new Map(this.pigeonholes.flatMap((hole) => hole.who.map((one) => [one.email, one.name])));
    this.reader = new Reader(this.titles);
    this.seen = new Set();
    this.open = null;
    this.all = [];
    this.#build();
    this.strip(null);
  }

  mails(mails) {
    this.all = mails;
    this.#draw();
    if (this.open === null && mails.length) this.#read(mails.at(-1), false);
  }

  strip(news) {
    const place = element("strip");
    if (!news) {
      place.replaceChildren("What just happened will stand here: from the press on Send to the mail, in seconds.");
      return;
    }
    place.replaceChildren(
      make("span", {}, make("b", {}, clock(news.at, true)), ` ${news.who}: “${news.what}”`),
      ...news.mails.map(({ to, seconds }) =>
        make("span", { class: "hop" }, `${this.#short(to)} `, make("b", {}, `${seconds.toFixed(2)} s`))));
  }

  #build() {
    this.lists = new Map();
    element("inboxes").append(...this.pigeonholes.map((hole) => {
      const list = make("ul", {});
      const count = make("span", { class: "count" });
      this.lists.set(hole.id, { list, count });
      return make("section", { class: "inbox", "aria-label": `Inbox: ${hole.title}`, "data-inbox": hole.id },
        make("h3", {}, hole.title, count), list);
    }));
  }

  #draw() {
    for (const hole of this.pigeonholes) {
      const { list, count } = this.lists.get(hole.id);
      const mails = this.all.filter((mail) => this.#hole(mail) === hole.id);
      const focused = list.contains(document.activeElement) ? document.activeElement.dataset.mail : null;
      count.textContent = mails.length ? `${mails.length}` : "";
      list.replaceChildren(...mails.map((mail) => this.#item(mail)));
      if (!mails.length) list.append(make("li", { class: "empty" }, "Nothing yet."));
      if (focused) list.querySelector(`[data-mail="${focused}"]`)?.focus({ preventScroll: true });
    }
  }

  #item(mail) {
    const unread = !this.seen.has(mail.id);
    return make("li", { class: unread ? "unread" : "" },
      make("button", {
        type: "button", "data-mail": mail.id, "aria-current": mail.id === this.open ? "true" : null,
        onclick: () => this.#read(mail, true),
      },
      make("span", { class: "line" }, make("span", {}, mail.to.map((to) => this.#short(to)).join(", ")),
        make("span", {}, mail.photos ? `${mail.photos} photo${mail.photos > 1 ? "s" : ""} · ` : "", clock(mail.at, true))),
      make("span", { class: "subject" }, unread ? make("span", { class: "unseen" }, "Unread: ") : null, mail.subject)));
  }

  #hole(mail) {
    const own = this.pigeonholes.find((hole) => hole.who.some((one) => mail.to.includes(one.email)));
    return (own ?? this.pigeonholes.at(-1)).id;
  }

  #short(address) {
    return this.shorts.get(address) ?? address;
  }

  #read(mail, byHand) {
    this.open = mail.id;
    this.seen.add(mail.id);
    this.#draw();
    this.reader.show(mail, byHand);
  }
}
