// Live updates, local times and the pause dialog. The page is whole without this script.
"use strict";
document.documentElement.classList.add("script");

// Times: shown in the reader's zone, or as how long ago; the exact instant is in the title.
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });
const dated = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
const DAY = 86400;
const HALF_A_DAY = 12 * 3600 * 1000;

function span(seconds) {
  const s = Math.max(0, Math.floor(seconds));
  const two = (a, unit, b, small) => b === 0 ? `${a} ${unit}` : `${a} ${unit} ${b} ${small}`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return two(Math.floor(s / 60), "min", s % 60, "s");
  if (s < DAY) return two(Math.floor(s / 3600), "h", Math.floor(s % 3600 / 60), "min");
  return two(Math.floor(s / DAY), "d", Math.floor(s % DAY / 3600), "h");
}
function coarse(seconds) {
  const s = Math.floor(seconds);
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  return s < DAY ? `${Math.floor(s / 3600)} h` : `${Math.floor(s / DAY)} d`;
}
function ago(at, now) {
  const s = (now - at) / 1000;
  if (Math.abs(s) < 1) return "now";
  return s > 0 ? `${coarse(s)} ago` : `in ${coarse(-s)}`;
}
function put(element, text) { if (element.textContent !== text) element.textContent = text; }
function tick(root) {
  const now = Date.now();
  for (const e of root.querySelectorAll("time[data-ago]")) put(e, ago(Date.parse(e.dateTime), now));
  for (const e of root.querySelectorAll("[data-since]")) put(e, span((now - Date.parse(e.dataset.since)) / 1000));
}
const zones = new Map();
function inZone(at, timeZone) {
  if (!zones.has(timeZone)) {
    zones.set(timeZone, new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone }));
  }
  return zones.get(timeZone).format(at);
}
function localise(root) {
  const now = Date.now();
  for (const e of root.querySelectorAll("time")) {
    const at = new Date(e.dateTime);
    if (e.dataset.zone) put(e, inZone(at, e.dataset.zone));
    else if (!e.hasAttribute("data-ago")) put(e, Math.abs(now - at) < HALF_A_DAY ? clock.format(at) : dated.format(at));
    e.title = exact.format(at);
  }
  tick(root);
}
localise(document);
setInterval(() => { if (!document.hidden) tick(document); }, 1000);

// Changes a tree into another in place, so that focus, selection and scroll stay where they are.
function morph(from, to) {
  for (const { name } of [...from.attributes]) if (!to.hasAttribute(name)) from.removeAttribute(name);
  for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  const next = [...to.childNodes];
  next.forEach((wanted, i) => {
    const have = from.childNodes[i];
    if (!have) from.append(wanted.cloneNode(true));
    else if (have.nodeType !== wanted.nodeType || have.nodeName !== wanted.nodeName) have.replaceWith(wanted.cloneNode(true));
    else if (have.nodeType === Node.ELEMENT_NODE) morph(have, wanted);
    else if (have.nodeValue !== wanted.nodeValue) have.nodeValue = wanted.nodeValue;
  });
  while (from.childNodes.length > next.length) from.lastChild.remove();
}

let asking = false, askAgain = false;
async function refresh() {
  if (asking) { askAgain = true; return; }
  asking = true;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    localise(fresh);
    const matters = count => document.querySelectorAll("#attention > ul > li").length;
    const before = matters();
    for (const part of document.querySelectorAll("[data-live]")) {
      const now = fresh.getElementById(part.id);
      if (now) morph(part, now);
    }
    document.title = fresh.title;
    const after = matters();
    if (after !== before) say(after === 0 ? "Nothing needs attention any more" : `${after} ${after === 1 ? "matter needs" : "matters need"} attention`);
  } catch {
    // The appliance is away; the event stream says when it is back.
  } finally {
    asking = false;
    if (askAgain) { askAgain = false; refresh(); }
  }
}
function say(text) { document.getElementById("said").textContent = text; }

const live = document.getElementById("live");
function state(word, text) {
  if (live.dataset.state === word) return;
  live.dataset.state = word;
  document.getElementById("live-text").textContent = text;
}
let missed = false;
function changed() { if (document.hidden) missed = true; else refresh(); }
document.addEventListener("visibilitychange", () => { if (!document.hidden && missed) { missed = false; refresh(); } });
function listen() {
  const events = new EventSource("/api/v1/events");
  let lost = false;
  events.addEventListener("ready", () => { state("on", "live"); if (lost) { lost = false; changed(); } });
  events.addEventListener("changed", changed);
  events.onerror = () => {
    lost = true;
    state("lost", "reconnecting");
    if (events.readyState === EventSource.CLOSED) setTimeout(() => { listen(); changed(); }, 5000);
  };
  addEventListener("pagehide", () => events.close(), { once: true });
}
listen();
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });

// Pause and resume: the token is asked for once and kept in this tab alone.
const ask = document.getElementById("ask");
const part = id => document.getElementById(`ask-${id}`);
let wanted = null, opener = null;
function words({ act, scope, name }) {
  const where = scope === "all" ? "everything" : `${scope} ${name}`;
  return act === "pause"
    ? { title: `Pause ${where}?`, text: "No new runner is launched there until it is resumed. Running jobs are left alone.", yes: "Pause" }
    : { title: `Resume ${where}?`, text: "Runners are launched again for waiting jobs and for the desired numbers.", yes: "Resume" };
}
document.addEventListener("click", event => {
  const button = event.target.closest("button[data-act]");
  if (!button) return;
  wanted = { act: button.dataset.act, scope: button.dataset.scope, name: button.dataset.name };
  opener = button;
  const said = words(wanted);
  part("title").textContent = said.title;
  part("text").textContent = said.text;
  part("yes").textContent = said.yes;
  part("problem").textContent = "";
  part("token-part").hidden = sessionStorage.getItem("muster-token") !== null;
  ask.showModal();
  (part("token-part").hidden ? part("yes") : part("token")).focus();
});
part("no").addEventListener("click", () => ask.close());
ask.addEventListener("close", () => { part("token").value = ""; if (opener && opener.isConnected) opener.focus(); });
ask.querySelector("form").addEventListener("submit", async event => {
  event.preventDefault();
  const token = part("token").value.trim() || sessionStorage.getItem("muster-token") || "";
  part("yes").disabled = true;
  try {
    const answer = await change(wanted, token);
    if (answer.ok) {
      sessionStorage.setItem("muster-token", token);
      say(wanted.act === "pause" ? "Paused" : "Resumed");
      ask.close();
      await refresh();
      return;
    }
    if (answer.status === 401 || answer.status === 403) {
      sessionStorage.removeItem("muster-token");
      part("token-part").hidden = false;
      part("token").focus();
    }
    const body = await answer.json().catch(() => null);
    part("problem").textContent = body?.error?.message ?? `The appliance answered ${answer.status}`;
  } catch {
    part("problem").textContent = "The appliance cannot be reached; try again.";
  } finally {
    part("yes").disabled = false;
  }
});
function change({ act, scope, name }, token) {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  if (act === "pause") {
    return fetch("/api/v1/pauses", { method: "POST", headers, body: JSON.stringify(scope === "all" ? { scope } : { scope, name }) });
  }
  const path = [scope, ...(scope === "all" ? [] : [name])].map(encodeURIComponent).join("/");
  return fetch(`/api/v1/pauses/${path}`, { method: "DELETE", headers });
}
