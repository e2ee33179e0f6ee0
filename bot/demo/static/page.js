// Wires the page: what the server tells goes to the phone and the office, what is pressed goes to the server.

import { Phone } from "./phone.js";
import { Office } from "./office.js";
import { MapDialog } from "./map.js";
import { PhotoDialog } from "./photos.js";
import { element, post } from "./dom.js";

const setting = await (await fetch("/setting")).json();
const map = new MapDialog(setting.map);
const photos = new PhotoDialog(setting.samples);
const phone = new Phone(setting, map, photos);
const office = new Office(setting);

const events = new EventSource("/events");
const listen = (kind, tell) => events.addEventListener(kind, (event) => tell(JSON.parse(event.data)));
listen("phones", (ids) => phone.people(ids));
listen("phone", (state) => phone.update(state));
listen("mails", (mails) => office.mails(mails));
listen("strip", (news) => office.strip(news));
listen("service", showService);

function showService(service) {
  const line = document.getElementById("service");
  line.classList.toggle("ready", service.ready);
  line.textContent = service.ready
    ? `Service running, process ${service.pid}`
    : service.pid ? "Service starting …" : "Service not running";
}

const restart = document.getElementById("restart");
restart.addEventListener("click", async () => {
  if (restart.getAttribute("aria-disabled") === "true") return;
  restart.setAttribute("aria-disabled", "true");
  const answer = await post("/restart", {});
  if (answer.error) element("service").textContent = answer.error;
  restart.removeAttribute("aria-disabled");
});

document.getElementById("new-phone").addEventListener("click", async () => {
  phone.show((await post("/phones", {})).id);
});
