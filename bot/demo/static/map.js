// A map picture without any network: the scheme's boundary and places, drawn to scale.

import { drawing, element, make } from "./dom.js";

const WIDTH = 520;
const MARGIN = 0.0012; // degrees around boundary and places
const STEP = 0.0002; // degrees an arrow key moves the pin
const NAMED = 10; // how many places have their name drawn

export class MapDialog {
  constructor(town) {
    this.town = town;
    this.dialog = element("map-dialog");
    const lats = [...town.boundary.map(([lat]) => lat), ...town.places.map(({ lat }) => lat)];
    const lons = [...town.boundary.map(([, lon]) => lon), ...town.places.map(({ lon }) => lon)];
    this.north = Math.max(...lats) + MARGIN;
    this.south = Math.min(...lats) - MARGIN;
    this.west = Math.min(...lons) - MARGIN * 1.5;
    this.east = Math.max(...lons) + MARGIN * 1.5;
    // A degree of longitude is shorter than one of latitude by the cosine of the latitude.
    const shrink = Math.cos(((this.north + this.south) / 2) * Math.PI / 180);
    this.height = Math.round(WIDTH * (this.north - this.south) / ((this.east - this.west) * shrink));
    this.place = { lat: (this.north + this.south) / 2, lon: (this.west + this.east) / 2 };
    this.#build();
  }

  ask() {
    this.#move(this.place);
    this.dialog.showModal();
    return new Promise((resolve) => {
      this.answer = resolve;
    });
  }

  sketch({ latitude, longitude }) {
    const near = this.#nearest({ lat: latitude, lon: longitude });
    const title = `Place on the map: ${latitude.toFixed(5)}, ${longitude.toFixed(5)}, near ${near.name}`;
    const picture = this.#picture({ role: "img", "aria-label": title }, this.#pin({ lat: latitude, lon: longitude }));
    const holder = make("div", { class: "map sketch" });
    holder.append(picture, make("span", { class: "hint" }, `near ${near.name}`));
    return holder;
  }

  #build() {
    this.marker = this.#pin(this.place);
    this.svg = this.#picture(
      { tabindex: "0", role: "application", "aria-label": `Map of ${this.town.name}. Arrow keys move the pin.` },
      ...this.#names(), this.marker);
    element("map").append(this.svg);
    element("attribution").textContent = this.town.attribution;
    const list = element("places");
    list.append(make("option", { value: "" }, "Choose a place"), ...this.#sorted().map(([place, index]) =>
      make("option", { value: index }, place.name)));
    list.addEventListener("change", () => list.value && this.#move(this.town.places[list.value]));
    this.svg.addEventListener("click", (event) => this.#clicked(event));
    this.svg.addEventListener("keydown", (event) => this.#key(event));
    element("map-form").addEventListener("submit", () => this.#done({ ...this.place }));
    this.dialog.querySelector("[data-close]").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("close", () => this.#done(null));
  }

  #done(place) {
    this.answer?.(place);
    this.answer = null;
  }

  #sorted() {
    return this.town.places.map((place, index) => [place, index]).sort(([one], [other]) => one.name.localeCompare(other.name));
  }

  #picture(attributes, ...on) {
    const outline = this.town.boundary.map(([lat, lon]) => this.#at({ lat, lon }).join(",")).join(" ");
    return drawing("svg", { viewBox: `0 0 ${WIDTH} ${this.height}`, ...attributes },
      drawing("polygon", { class: "town", points: outline }), ...this.#spots(), ...on);
  }

  #spots() {
    return this.town.places.map((place) => {
      const [x, y] = this.#at(place);
      return drawing("circle", { class: "spot", cx: x, cy: y, r: 3 });
    });
  }

  #names() {
    const taken = [];
    const free = ([x, y]) => taken.every(([left, top]) => Math.abs(left - x) > 110 || Math.abs(top - y) > 18);
    const names = [];
    for (const place of this.town.places) {
      const point = this.#at(place);
      if (names.length === NAMED || !free(point) || point[0] > WIDTH - 110) continue;
      taken.push(point);
      const name = drawing("text", { class: "name", x: point[0] + 6, y: point[1] + 4, "aria-hidden": "true" });
      name.textContent = place.name.split(",")[0];
      names.push(name);
    }
    return names;
  }

  #pin(place) {
    const pin = drawing("path", { class: "pin", d: "M0 0C-4-8-9-12-9-18a9 9 0 0 1 18 0c0 6-5 10-9 18z" });
    this.#put(pin, place);
    return pin;
  }

  #put(pin, place) {
    const [x, y] = this.#at(place);
    pin.setAttribute("transform", `translate(${x} ${y})`);
  }

  #at({ lat, lon }) {
    const x = (lon - this.west) / (this.east - this.west) * WIDTH;
    const y = (this.north - lat) / (this.north - this.south) * this.height;
    return [Math.round(x * 10) / 10, Math.round(y * 10) / 10];
  }

  #clicked(event) {
    const box = this.svg.getBoundingClientRect();
    this.#move({
      lon: this.west + (event.clientX - box.left) / box.width * (this.east - this.west),
      lat: this.north - (event.clientY - box.top) / box.height * (this.north - this.south),
    });
  }

  #key(event) {
    const moves = { ArrowUp: [STEP, 0], ArrowDown: [-STEP, 0], ArrowLeft: [0, -STEP], ArrowRight: [0, STEP] };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    this.#move({ lat: this.place.lat + move[0], lon: this.place.lon + move[1] });
  }

  #move({ lat, lon }) {
    this.place = { lat: Number(lat.toFixed(6)), lon: Number(lon.toFixed(6)) };
    this.#put(this.marker, this.place);
    const near = this.#nearest(this.place);
    element("where").textContent = `${this.place.lat.toFixed(5)}, ${this.place.lon.toFixed(5)}, near ${near.name}`;
  }

  #nearest({ lat, lon }) {
    const far = (place) => Math.hypot(place.lat - lat, (place.lon - lon) * 0.61);
    return this.town.places.reduce((best, place) => (far(place) < far(best) ? place : best));
  }
}
