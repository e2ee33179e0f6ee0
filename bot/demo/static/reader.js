// The mail that is open: HTML in a sandbox, plain text, attachments, headers.

import { clock, element, make } from "./dom.js";

const TABS = ["html", "plain", "attachments", "headers"];

export class Reader {
  constructor(names) {
    this.names = names;
    this.tab = "html";
    TABS.forEach((name, index) => {
      const tab = element(`tab-${name}`);
      tab.addEventListener("click", () => this.#select(name));
      tab.addEventListener("keydown", (event) => this.#key(event, index));
    });
  }

  async show(summary, focus) {
    const mail = await (await fetch(`/mail/${summary.id}`)).json();
    element("reader-title").textContent = mail.subject || "(no subject)";
    const to = mail.to.map((address) => this.names.has(address) ? `${this.names.get(address)} <${address}>` : address);
    element("reader-meta").textContent = `From ${mail.from} to ${to.join(", ")} at ${clock(mail.at, true)}`;
    element("reader-tabs").hidden = false;
    element("tab-attachments").textContent = `Attachments (${mail.attachments.length})`;
    this.#fill(mail);
    this.#select(mail.html ? this.tab : "plain");
    if (focus) element("reader-title").focus();
  }

  #fill(mail) {
    const frame = make("iframe", {
      title: `HTML of the mail: ${mail.subject}`, src: `/mail/${mail.id}/html`,
      sandbox: "allow-popups allow-popups-to-escape-sandbox",
    });
    element("panel-html").replaceChildren(mail.html ? frame : "This mail has no HTML.");
    element("panel-plain").replaceChildren(make("pre", {}, mail.plain));
    element("panel-headers").replaceChildren(make("dl", {}, ...mail.headers.flatMap(([name, value]) =>
      [make("dt", {}, name), make("dd", {}, value)])));
    element("panel-attachments").replaceChildren(mail.attachments.length
      ? make("ul", {}, ...mail.attachments.map(attachment))
      : make("p", { class: "meta" }, "Nothing attached."));
  }

  #select(name) {
    this.tab = name;
    for (const other of TABS) {
      const chosen = other === name;
      element(`tab-${other}`).setAttribute("aria-selected", chosen);
      element(`tab-${other}`).tabIndex = chosen ? 0 : -1;
      element(`panel-${other}`).hidden = !chosen;
    }
  }

  #key(event, index) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const next = TABS[(index + step + TABS.length) % TABS.length];
    this.#select(next);
    element(`tab-${next}`).focus();
  }
}

function attachment(part) {
  const size = part.size < 2048 ? `${part.size} bytes` : `${Math.round(part.size / 1024)} kB`;
  return make("li", {}, make("a", { href: part.url, target: "_blank", rel: "noopener" },
    part.type.startsWith("image/") ? make("img", { src: part.url, alt: "" }) : null,
    make("span", {}, part.name),
    make("span", { class: "size" }, `${part.type}, ${size}${part.inline ? ", shown in the mail" : ""}`)));
}
