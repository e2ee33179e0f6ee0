// Choosing photos: those drawn for the demo, or own files.

import { element, make } from "./dom.js";

const PRESETS = {
  photo: { title: "Photo", chosen: 1, asFile: false },
  album: { title: "Album of three", chosen: 3, asFile: false },
  file: { title: "Photo as a file", chosen: 1, asFile: true },
};
const MOST = 10; // an album's photos

export class PhotoDialog {
  constructor(samples) {
    this.dialog = element("photo-dialog");
    this.form = element("photo-form");
    element("samples").append(...samples.map((sample) => make("label", {},
      make("input", { type: "checkbox", name: "sample", value: sample.id }),
      make("img", { src: sample.url, alt: "" }), sample.title)));
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.form.addEventListener("change", () => this.#label());
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
  }

  ask(kind, send) {
    const preset = PRESETS[kind];
    this.send = send;
    this.form.reset();
    element("photo-error").textContent = "";
    element("photo-title").textContent = preset.title;
    element("as-file").checked = preset.asFile;
    this.#boxes().forEach((box, index) => {
      box.checked = index < preset.chosen;
    });
    this.#label();
    this.dialog.showModal();
  }

  #boxes() {
    return [...this.form.querySelectorAll("[name=sample]")];
  }

  #chosen() {
    return this.#boxes().filter((box) => box.checked).map((box) => box.value);
  }

  #label() {
    const count = this.#chosen().length + element("own-files").files.length;
    this.form.querySelector(".strong").textContent = count > 1 ? `Send ${count} photos` : "Send photo";
  }

  async #submit(event) {
    event.preventDefault();
    const files = [...element("own-files").files];
    const chosen = this.#chosen();
    const count = files.length + chosen.length;
    if (count < 1 || count > MOST) return this.#complain(`Choose 1 to ${MOST} photos.`);
    const form = new FormData();
    form.set("samples", chosen.join(" "));
    form.set("caption", element("caption").value.trim());
    if (element("as-file").checked) form.set("as_file", "1");
    for (const file of files) form.append("files", file);
    const error = await this.send(form);
    if (error) return this.#complain(error);
    this.dialog.close();
  }

  #complain(words) {
    element("photo-error").textContent = words;
  }
}
